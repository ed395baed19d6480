import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { principalName, type Principal } from "../principal.ts";
import type { TaskRecord } from "../records.ts";
import { audited, runningTask } from "./task-access.ts";
import { recordEvent } from "./transition.ts";

/** The operator lets a blocked task go on, after its infrastructure was mended, whatever stage it is in. */
export async function retryEvaluation(
  app: App,
  principal: Principal,
  input: { readonly taskId: string },
): Promise<AppResult<TaskRecord>> {
  return app.store.transaction(async (tx) => {
    const allowed = await audited(app, tx, principal, "retryEvaluation", input.taskId);
    if (!allowed.ok) return allowed;
    const task = await runningTask(tx, principal, input.taskId);
    if (!task.ok) return task;
    if (task.value.blocked === null) {
      return fail("TASK_NOT_BLOCKED", `expected a blocked task, found it ${task.value.status} and going on`, [
        "input",
        "taskId",
      ]);
    }
    const dueAt = app.clock.now();
    const patch = { blocked: null, infrastructureFailures: 0, dueAt };
    await tx.update("tasks", { id: task.value.id }, patch);
    const stalled = { taskId: task.value.id, status: "STALLED" } as const;
    await tx.update("sourceFetches", stalled, { status: "PENDING", attempts: 0, dueAt });
    await recordEvent(app, tx, task.value.id, "evaluationRetried", { actor: principalName(principal), data: {} });
    await tx.ring("wake", "advance", { taskId: task.value.id });
    return ok({ ...task.value, ...patch });
  });
}
