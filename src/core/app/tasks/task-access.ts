import { isTerminal, ok } from "../../domain/index.ts";
import { hasScope, refuseScope } from "../accounts/scopes.ts";
import type { App } from "../app.ts";
import { audit } from "../audit.ts";
import { fail, type AppResult } from "../errors.ts";
import type { Tx } from "../ports.ts";
import type { Principal } from "../principal.ts";
import type { TaskRecord } from "../records.ts";
import { lockTask } from "./transition.ts";

const PATH = ["input", "taskId"];

/** The locked task of a mutation, where the principal may change it: its owner and the operator; NOT_FOUND to other customers. */
export async function taskToChange(tx: Tx, principal: Principal, taskId: string): Promise<AppResult<TaskRecord>> {
  if (principal.kind !== "CUSTOMER" && principal.kind !== "OPERATOR") return refuseScope(principal, "tasks:write");
  const task = await lockTask(tx, taskId);
  const owns = task !== null && (principal.kind === "OPERATOR" || task.customerId === principal.accountId);
  if (!owns) return fail("NOT_FOUND", "expected the id of one of your tasks, found none", PATH);
  return hasScope(principal, "tasks:write") ? ok(task) : refuseScope(principal, "tasks:write");
}

/** As taskToChange, for tasks that have not ended. */
export async function runningTask(tx: Tx, principal: Principal, taskId: string): Promise<AppResult<TaskRecord>> {
  const task = await taskToChange(tx, principal, taskId);
  if (!task.ok || !isTerminal(task.value.status)) return task;
  return fail("TASK_ENDED", `expected a task that has not ended, found it ${task.value.status}`, PATH);
}

/** The operator only; every call leaves an audit row. */
export async function audited(
  app: App,
  tx: Tx,
  principal: Principal,
  action: string,
  taskId: string,
): Promise<AppResult<true>> {
  if (principal.kind !== "OPERATOR") return refuseScope(principal, "operator");
  await audit(app, tx, principal, action, { taskId });
  return ok(true);
}
