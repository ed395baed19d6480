import type { TaskError } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { Lease } from "../ports.ts";
import { freeMiners } from "../tasks/cancel-task.ts";
import { failTransition } from "../tasks/fail-transition.ts";
import { lockTask } from "../tasks/transition.ts";

/** The task's own fault: trying again would not help, and no miner is charged. */
export async function failEvaluation(
  app: App,
  lease: Lease,
  taskId: string,
  { code, message }: TaskError,
): Promise<void> {
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
