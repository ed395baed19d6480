import type { JsonObject } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { TaskRecord } from "../records.ts";
import { baseModelPayload, tellMiners } from "../tasks/miner-events.ts";
import { baseOf, specOf } from "../tasks/task-needs.ts";
import { transition } from "../tasks/transition.ts";

/** RECRUITING -> TRAINING: the clock starts, and every accepted miner gets the full task. */
export async function startTraining(app: App, tx: Tx, task: TaskRecord): Promise<void> {
  const now = app.clock.now();
  const deadline = new Date(now.getTime() + task.grantedBudgetSeconds * 1000);
  const assignments = await tx.find(
    "assignments",
    { taskId: task.id, status: "ACCEPTED" },
    { orderBy: { minerId: "asc" } },
  );
  await tx.update("assignments", { taskId: task.id, status: "ACCEPTED" }, { status: "ACTIVE" });
  await transition(app, tx, task, "minersAssigned", {
    actor: "scheduler",
    data: { miners: assignments.map(({ minerId }) => minerId), deadline: deadline.toISOString() },
    patch: { deadline, dueAt: deadline, trainingStartedAt: now, infrastructureFailures: 0 },
  });
  const payload = await assignedPayload(app, tx, task, deadline);
  await tellMiners(
    app,
    tx,
    assignments.map(({ id, minerId }) => ({
      minerId,
      type: "Assigned",
      taskId: task.id,
      cause: id,
      payload: { ...payload, assignmentId: id },
    })),
  );
}

/** All that a miner needs to train: the same rendering that the evaluator uses, TRAIN only. */
async function assignedPayload(app: App, tx: Tx, task: TaskRecord, deadline: Date): Promise<JsonObject> {
  const train = await tx.findOne("datasetSplits", { taskId: task.id, split: "TRAIN" });
  if (train === null) throw new Error(`task ${task.id} reached TRAINING without its data`);
  const { taskType, spec } = specOf(app, task);
  const { contextLength, config: baseConfig } = await baseOf(app, task);
  const { id: taskId, parameterCount, datasetRows } = task;
  const facts = { taskId, parameterCount, rows: datasetRows ?? 0, contextLength, baseConfig };
  return {
    taskId: task.id,
    kind: task.kind,
    title: task.title,
    baseModel: baseModelPayload(task, contextLength),
    files: [{ name: "train.jsonl", path: "data/train.jsonl", bytes: train.bytes, sha256: train.sha256 }],
    columns: taskType.columns(spec).map((column) => ({ ...column })),
    objective: { ...taskType.objective(spec, facts) },
    artifactKinds: [...taskType.artifactKinds],
    deadline: deadline.toISOString(),
    submissionSlots: app.settings.uploads.maxPerAssignment,
  };
}
