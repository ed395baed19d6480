import { ok, type TaskFailureCode } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { AppResult } from "../errors.ts";
import { principalName, type Principal } from "../principal.ts";
import type { TaskRecord } from "../records.ts";
import { freeMiners } from "./cancel-task.ts";
import { failTransition } from "./fail-transition.ts";
import { audited, runningTask } from "./task-access.ts";

const CODE_OF_STAGE: Readonly<Partial<Record<TaskRecord["status"], TaskFailureCode>>> = {
  QUEUED: "PREPARATION_FAILED",
  PREPARING: "PREPARATION_FAILED",
  RECRUITING: "NO_MINERS",
  DELAYED: "NO_MINERS",
};

/** The operator gives a task up, with a sentence for the customer. */
export async function failTask(
  app: App,
  principal: Principal,
  input: { readonly taskId: string; readonly message: string },
): Promise<AppResult<TaskRecord>> {
  return app.store.transaction(async (tx) => {
    const allowed = await audited(app, tx, principal, "failTask", input.taskId);
    if (!allowed.ok) return allowed;
    const task = await runningTask(tx, principal, input.taskId);
    if (!task.ok) return task;
    await freeMiners(app, tx, task.value);
    const code = CODE_OF_STAGE[task.value.status] ?? "EVALUATION_FAILED";
    return ok(
      await failTransition(app, tx, task.value, { code, message: input.message, actor: principalName(principal) }),
    );
  });
}
