import type { JsonObject } from "../../contract/index.ts";
import { isTerminal, next, type TaskEvent } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { ringHooks } from "../hooks.ts";
import type { Tx } from "../ports.ts";
import type { TaskRecord } from "../records.ts";

/** Somebody else moved the task first: the transaction must be given up, nothing is wrong. */
export class StaleTaskError extends Error {
  constructor(task: TaskRecord) {
    super(`task ${task.id} is no longer ${task.status} at version ${task.version}`);
    this.name = "StaleTaskError";
  }
}

interface Cause {
  /** Who caused it: a principal's name, or "scheduler". */
  readonly actor: string;
  readonly data?: JsonObject;
  /** Columns that change together with the status. */
  readonly patch?: Partial<TaskRecord>;
}

/**
 * Moves a task along the lifecycle table: compare-and-set on (id, status, version), the event row and the outbox rows,
 * all in the caller's transaction.
 *
 * @throws StaleTaskError when somebody else was faster.
 * @throws Error when the table has no such transition: a bug.
 */
export async function transition(
  app: App,
  tx: Tx,
  task: TaskRecord,
  event: TaskEvent,
  cause: Cause,
): Promise<TaskRecord> {
  const to = next(task.status, event);
  if (!to.ok) throw new Error(to.error.message);
  const patch = { ...cause.patch, status: to.value, version: task.version + 1 };
  const changed = await tx.update("tasks", { id: task.id, status: task.status, version: task.version }, patch);
  if (changed === 0) throw new StaleTaskError(task);
  await recordEvent(app, tx, task.id, event, {
    actor: cause.actor,
    fromStatus: task.status,
    toStatus: to.value,
    data: cause.data ?? {},
  });
  if (isTerminal(to.value) && app.settings.synthetic.enabled) await tx.ring("wake", "scheduleSynthetic", {});
  await ringHooks(app, tx, "taskTransitioned", { taskId: task.id, from: task.status, to: to.value });
  return { ...task, ...patch };
}

/** Appends a row to the task's history and rings its topic. */
export async function recordEvent(
  app: App,
  tx: Tx,
  taskId: string,
  type: string,
  what: {
    readonly actor: string;
    readonly data: JsonObject;
    readonly fromStatus?: TaskRecord["status"] | null;
    readonly toStatus?: TaskRecord["status"];
  },
): Promise<void> {
  await tx.insert("taskEvents", {
    taskId,
    type,
    fromStatus: what.fromStatus ?? null,
    toStatus: what.toStatus ?? null,
    actor: what.actor,
    data: what.data,
    at: app.clock.now(),
  });
  await tx.ring("topic", `task:${taskId}`, { taskId });
}

/** Locks the task's row until the end of the transaction; null where there is no such task. */
export const lockTask = (tx: Tx, taskId: string): Promise<TaskRecord | null> =>
  tx.findOne("tasks", { id: taskId }, { lock: "update" });
