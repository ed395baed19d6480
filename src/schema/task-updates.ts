import type { TaskRecord } from "../core/app/index.ts";
import { abortable } from "./abortable.ts";
import { refuse } from "./api-error.ts";
import { listen } from "./bell.ts";
import type { ApiContext } from "./context.ts";
import { isUuid } from "./loaders.ts";

export interface TaskUpdateView {
  readonly task: TaskRecord;
  readonly at: Date;
}

/** The task at once and after each ring of its topic; rings in quick succession are one update. */
export async function taskUpdates({ app }: ApiContext, id: string): Promise<AsyncIterable<TaskUpdateView>> {
  const found = isUuid(id) ? await app.store.findOne("tasks", { id }) : null;
  if (found === null || !app.registry.taskType(found.kind))
    refuse("NOT_FOUND", "expected the id of a task, found none", ["id"]);
  return abortable(async function* (signal) {
    const bell = listen(app.broadcast, `task:${found.id}`, signal);
    do {
      const task = await app.store.findOne("tasks", { id: found.id });
      if (task === null) return;
      yield { task, at: app.clock.now() };
    } while (await bell.wait());
  });
}
