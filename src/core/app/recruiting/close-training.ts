import type { App } from "../app.ts";
import { announceEarlyEvaluations } from "../evaluation/announce-evaluation.ts";
import type { Tx } from "../ports.ts";
import type { AssignmentRecord } from "../records.ts";
import { lockTask, transition } from "../tasks/transition.ts";

/** TRAINING -> EVALUATING at the deadline, or as soon as every assignment is final (sealed so, withdrawn or failed). */
export async function closeTraining(app: App, tx: Tx, taskId: string): Promise<void> {
  const task = await lockTask(tx, taskId);
  if (task?.status !== "TRAINING") return;
  const now = app.clock.now();
  const active = await tx.find("assignments", { taskId, status: "ACTIVE" });
  if (active.length > 0 && task.deadline !== null && now < task.deadline) {
    // A failure may have moved it.
    if (task.dueAt?.getTime() !== task.deadline.getTime())
      await tx.update("tasks", { id: taskId }, { dueAt: task.deadline });
    return;
  }
  await endAssignments(tx, active, now);
  await transition(app, tx, task, "trainingClosed", {
    actor: "scheduler",
    data: { atDeadline: active.length > 0 },
    patch: { dueAt: null, infrastructureFailures: 0 },
  });
  await announceEarlyEvaluations(app, tx, taskId);
  await tx.ring("wake", "advance", { taskId });
}

/** Assignments that the deadline ends: sealed ones keep their last seal, the others have nothing. */
async function endAssignments(tx: Tx, active: readonly AssignmentRecord[], endedAt: Date): Promise<void> {
  if (active.length === 0) return;
  const ids = active.map(({ id }) => id);
  const seals = await tx.find("submissions", { assignmentId: { in: ids } });
  const sealed = new Set(seals.map(({ assignmentId }) => assignmentId));
  for (const [status, chosen] of [
    ["SEALED", ids.filter((id) => sealed.has(id))],
    ["EXPIRED", ids.filter((id) => !sealed.has(id))],
  ] as const) {
    if (chosen.length > 0) await tx.update("assignments", { id: { in: chosen } }, { status, endedAt });
  }
}
