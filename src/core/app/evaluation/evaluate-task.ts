import { TaskError } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { Lease } from "../ports.ts";
import type { SubmissionRecord, TaskRecord } from "../records.ts";
import { inspectSubmission } from "../submissions/inspect-submission.ts";
import { freeMiners } from "../tasks/cancel-task.ts";
import { failTransition } from "../tasks/fail-transition.ts";
import { lockTask } from "../tasks/transition.ts";
import { entriesOf } from "./counting-submissions.ts";
import { evaluateModels } from "./evaluate-models.ts";
import { scoreTask } from "./score-task.ts";

/**
 * EVALUATING -> SCORED (or FAILED): evaluates the base and every valid submission that has no final evaluation yet, then
 * judges and scores. Runs under the task's lease; what an earlier holder finished is not done again. A
 * task that turns out to be at fault itself is FAILED.
 *
 * @throws InfrastructureError when the platform failed: nothing is charged, what was finished stays.
 */
export async function evaluateTask(app: App, lease: Lease, task: TaskRecord): Promise<void> {
  const models = await modelsLeft(app, task);
  lease.signal.throwIfAborted();
  try {
    if (models.length > 0) await evaluateModels(app, lease, task, models);
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    await failEvaluation(app, lease, task.id, error);
    return;
  }
  await scoreTask(app, lease, task.id);
}

/** The base (null) and the valid submissions without a final evaluation, base first, then in the order of seals. */
async function modelsLeft(app: App, task: TaskRecord): Promise<readonly (SubmissionRecord | null)[]> {
  const counting = (await entriesOf(app.store, task.id)).flatMap(({ submission }) => submission ?? []);
  const inspected: SubmissionRecord[] = [];
  for (const submission of counting) {
    inspected.push(
      submission.staticVerdict.status === "PENDING" ? await inspectSubmission(app, submission.id) : submission,
    );
  }
  const done = await app.store.find("evaluations", { taskId: task.id, status: { in: ["COMPLETED", "INVALID"] } });
  const finished = new Set(done.map(({ submissionId }) => submissionId));
  const valid = inspected
    .filter(({ staticVerdict }) => staticVerdict.status === "VALID")
    .sort((a, b) => a.sealSequence - b.sealSequence);
  return [null, ...valid].filter((model) => !finished.has(model?.id ?? null));
}

/** The task's own fault: trying again would not help, and no miner is charged. */
async function failEvaluation(app: App, lease: Lease, taskId: string, { code, message }: TaskError): Promise<void> {
  app.log.warn("a task can't be evaluated", { taskId, code, reason: message });
  await app.store.transaction(async (tx) => {
    await app.leases.assertHeld(tx, lease);
    const task = await lockTask(tx, taskId);
    if (task?.status !== "EVALUATING") return;
    await freeMiners(app, tx, task);
    const why = { code: "EVALUATION_FAILED", message: `${code}: ${message}`, actor: "scheduler" } as const;
    await failTransition(app, tx, task, why);
  });
}
