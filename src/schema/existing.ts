import type { MinerRecord, TaskRecord } from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";

/** A row that another row names: its absence is a bug. */
export async function existing<Row>(row: Promise<Row | null>, what: string): Promise<Row> {
  const found = await row;
  if (found === null) throw new Error(`expected ${what}, found none`);
  return found;
}

/** The task that a row belongs to. */
export const taskOf = ({ taskId }: { readonly taskId: string }, { loaders }: ApiContext): Promise<TaskRecord> =>
  existing(loaders.task.load(taskId), `task ${taskId}`);

/** The miner that a row belongs to. */
export const minerOf = ({ minerId }: { readonly minerId: string }, { loaders }: ApiContext): Promise<MinerRecord> =>
  existing(loaders.miner.load(minerId), `miner ${minerId}`);
