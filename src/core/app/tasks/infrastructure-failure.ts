import { InfrastructureError } from "../../contract/index.ts";
import { isTerminal } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Lease } from "../ports.ts";
import type { TaskRecord } from "../records.ts";
import { lockTask, recordEvent } from "./transition.ts";

/** Before the first retry; doubles with each failure. */
const FIRST_RETRY_MS = 5_000;

/** What a disk or a kernel answers that is full, broken or not ours; 53100 is PostgreSQL's word for a full disk. */
const STORAGE_CODES: ReadonlySet<unknown> = new Set(
  "ENOSPC EDQUOT EROFS EIO EACCES EPERM EMFILE ENFILE ENOMEM 53100".split(" "),
);

/** Whether a task is blocked, or has to wait after a failure before its work is tried again. */
export const isHeldBack = (app: App, { blocked, dueAt }: TaskRecord): boolean =>
  blocked !== null || (dueAt !== null && dueAt > app.clock.now());

/**
 * The platform failed at a task: it stays where it is and is tried again after a back-off (its `dueAt`), and after
 * `maxInfrastructureFailures` it is blocked until the operator decides. Nobody is charged.
 *
 * @param lease that the work ran under: a holder that has lost it has nothing to say any more.
 */
export async function noteInfrastructureFailure(
  app: App,
  taskId: string,
  cause: unknown,
  lease?: Lease,
): Promise<void> {
  const { code, message } = toInfrastructureError(app, taskId, cause);
  await app.store.transaction(async (tx) => {
    if (lease !== undefined) await app.leases.assertHeld(tx, lease);
    const task = await lockTask(tx, taskId);
    if (task === null || isTerminal(task.status) || task.blocked !== null) return;
    const now = app.clock.now();
    const failures = task.infrastructureFailures + 1;
    const blocks = failures >= app.settings.evaluation.maxInfrastructureFailures;
    await tx.update(
      "tasks",
      { id: taskId },
      {
        infrastructureFailures: failures,
        blocked: blocks ? { code, since: now.toISOString(), message } : null,
        dueAt: blocks ? null : new Date(now.getTime() + FIRST_RETRY_MS * 2 ** (failures - 1)),
      },
    );
    await recordEvent(app, tx, taskId, blocks ? "taskBlocked" : "infrastructureFailed", {
      actor: "scheduler",
      data: { stage: task.status, code, message, failures },
    });
    if (!blocks) return;
    await tx.insert("notices", {
      id: app.ids.random(),
      taskId,
      code,
      message: `${task.status} failed ${failures} times: ${message}; mend it and call retryEvaluation, or failTask`,
      createdAt: now,
    });
  });
}

/** The failure in words that may be shown; whatever else was thrown is in the log only. */
function toInfrastructureError(app: App, taskId: string, cause: unknown): InfrastructureError {
  if (cause instanceof InfrastructureError) {
    app.log.warn("the infrastructure failed", { taskId, code: cause.code, reason: cause.message });
    return cause;
  }
  const errorId = app.ids.random();
  const error = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  app.log.error("work on a task failed", { taskId, errorId, error });
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (STORAGE_CODES.has(code)) {
    return new InfrastructureError(
      "STORAGE_FAILED",
      `the disk refused (${String(code)}); the log has it as ${errorId}`,
    );
  }
  return new InfrastructureError("UNEXPECTED", `an error that nobody expected; the log has it as ${errorId}`);
}
