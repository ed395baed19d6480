import type { TaskFailureCode } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { TaskRecord } from "../records.ts";
import { transition } from "./transition.ts";

/** Ends a task as FAILED with a code, a sentence and the stage it was in. */
export function failTransition(
  app: App,
  tx: Tx,
  task: TaskRecord,
  why: {
    readonly code: TaskFailureCode;
    readonly message: string;
    readonly actor: string;
    readonly logTail?: string | null;
  },
): Promise<TaskRecord> {
  const failure = { code: why.code, message: why.message, stage: task.status, logTail: why.logTail ?? null };
  return transition(app, tx, task, "failed", {
    actor: why.actor,
    data: { code: why.code, message: why.message },
    patch: { failure, blocked: null, dueAt: null },
  });
}
