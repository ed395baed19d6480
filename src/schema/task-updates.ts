import DataLoader from "dataloader";
import { type App, maySeeTaskEvents, type TaskRecord } from "../core/app/index.ts";
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
  const tasks = tasksOf(app);
  const found = isUuid(id) ? await tasks.load(id.toLowerCase()) : null;
  if (found === null || !app.registry.taskType(found.kind))
    refuse("NOT_FOUND", "expected the id of a task, found none", ["id"]);
  return abortable(async function* (signal) {
    const bell = listen(app.broadcast, `task:${found.id}`, signal);
    let told: string | null = null;
    do {
      const task = await tasks.load(found.id);
      if (task === null) return;
      if (!maySeeTaskEvents(principal, task)) {
        const shown = shownToAll(task);
        if (shown === told) continue;
        told = shown;
      }
      yield { task, at: app.clock.now() };
    } while (await bell.wait());
  });
}

/** What anybody can read of a task's own row, without what never changes. */
function shownToAll(task: TaskRecord): string {
  const { dueAt: _dueAt, infrastructureFailures: _failures, spec: _spec, datasetSource: _source, ...shown } = task;
  return JSON.stringify(shown);
}

type Tasks = DataLoader<string, TaskRecord | null>;
const readers = new WeakMap<App, Tasks>();

/** A ring reaches all who listen in one turn: they read the task in one query, however many they are. */
function tasksOf(app: App): Tasks {
  const known = readers.get(app);
  if (known) return known;
  const read = async (ids: readonly string[]) => {
    const rows = await app.store.find("tasks", { id: { in: [...new Set(ids)] } });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  };
  const tasks: Tasks = new DataLoader(read, { cache: false });
  readers.set(app, tasks);
  return tasks;
}
