import { setTimeout as wait } from "node:timers/promises";
import { backoffMs, DEFAULT_BACKOFF, type Backoff } from "./backoff.ts";
import type { GradientsClient } from "./client.ts";
import { mayPass } from "./errors.ts";
import { TaskUpdatedDocument, type TaskStatus, type TaskSummaryFragment } from "./generated/graphql.ts";

const ENDS: ReadonlySet<TaskStatus> = new Set(["SCORED", "FAILED", "CANCELLED"]);

/**
 * A task's state, at once and after each change, until it has ended; reconnects by itself.
 *
 * @throws RequestError where the task can't be followed; the signal's reason where it aborts.
 */
export async function* followTask(
  client: GradientsClient,
  taskId: string,
  { signal, backoff = DEFAULT_BACKOFF }: { readonly signal: AbortSignal; readonly backoff?: Backoff },
): AsyncGenerator<TaskSummaryFragment, void, void> {
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const { taskUpdated } of client.subscribe(TaskUpdatedDocument, { id: taskId }, { signal })) {
        failures = 0;
        yield taskUpdated.task;
        if (ENDS.has(taskUpdated.task.status)) return;
      }
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    signal.throwIfAborted();
    await wait(backoffMs(failures, backoff), undefined, { signal });
  }
}
