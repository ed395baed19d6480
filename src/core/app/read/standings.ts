import { z } from "zod";
import { compareIds } from "../../domain/index.ts";
import type { MinerRecord, WeightSetRecord } from "../records.ts";

/** A miner's line in a weight set. */
export interface Standing {
  readonly minerId: string;
  readonly hotkey: string;
  readonly temporalScore: number;
  readonly finalScore: number;
  readonly weight: number;
  /** Tasks of the set's longest window that went in. */
  readonly tasksScored: number;
}

const inputsSchema = z.array(
  z.looseObject({ id: z.string(), taskId: z.string(), leftOut: z.literal(true).optional() }),
);

/** Heaviest first; equal ones in the order of their hotkeys. */
export function standings(set: WeightSetRecord): readonly Standing[] {
  const counted = inputsSchema.parse(set.inputs).filter(({ leftOut }) => leftOut !== true);
  const tasks = Map.groupBy(counted, ({ id }) => id);
  return set.entries
    .map(({ integer: _integer, ...entry }) => ({ ...entry, tasksScored: tasks.get(entry.hotkey)?.length ?? 0 }))
    .toSorted((a, b) => b.weight - a.weight || b.finalScore - a.finalScore || compareIds(a.hotkey, b.hotkey));
}

/** A miner that gave a sign of life within the window. */
export function isOnline(miner: Pick<MinerRecord, "lastHeartbeatAt">, now: Date, onlineWindowMs: number): boolean {
  return miner.lastHeartbeatAt !== null && now.getTime() - miner.lastHeartbeatAt.getTime() <= onlineWindowMs;
}
