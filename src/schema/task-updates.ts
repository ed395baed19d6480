import { maySeeTaskEvents, type TaskRecord } from "../core/app/index.ts";
import { abortable } from "./abortable.ts";
import { refuse } from "./api-error.ts";
import { listen } from "./bell.ts";
import type { ApiContext } from "./context.ts";
import { isUuid } from "./loaders.ts";

export interface TaskUpdateView {
  readonly task: TaskRecord;
  readonly at: Date;
}

/**
 * The task at once and after each ring of its topic; rings in quick succession are one update. Those who may not see the
 * task's events get no update for one: its moment alone would tell miners when a rival sealed.
 */
export async function taskUpdates({ app, principal }: ApiContext, id: string): Promise<AsyncIterable<TaskUpdateView>> {
  const found = isUuid(id) ? await app.store.findOne("tasks", { id }) : null;
  if (found === null || !app.registry.taskType(found.kind))
    refuse("NOT_FOUND", "expected the id of a task, found none", ["id"]);
  return abortable(async function* (signal) {
    const bell = listen(app.broadcast, `task:${found.id}`, signal);
    let told: string | null = null;
    do {
      const task = await app.store.findOne("tasks", { id: found.id });
      if (task === null) return;
      const shown = shownToAll(task);
      if (shown === told && !maySeeTaskEvents(principal, task)) continue;
      told = shown;
      yield { task, at: app.clock.now() };
    } while (await bell.wait());
  });
}

/** What anybody can read of a task's own row. */
function shownToAll({ dueAt: _dueAt, infrastructureFailures: _failures, ...shown }: TaskRecord): string {
  return JSON.stringify(shown);
}
