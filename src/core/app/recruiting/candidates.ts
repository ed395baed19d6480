import { createRng, drawMiners, rankMiners, SELECTION, selectionWeights } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Reader } from "../ports.ts";
import type { MinerRecord, TaskRecord } from "../records.ts";

const SCORE_WINDOW_MS = SELECTION.averageWindowDays * 24 * 60 * 60 * 1000;

/** Why a miner can't be offered a task; null where it can. */
export type CapacityVerdict = "SUSPENDED" | "OFFLINE" | "TASK_TYPE" | "PARAMETER_COUNT" | "NO_FREE_SLOT" | null;

/** A miner as the draw saw it: with the stored seeds, anyone can replay the draw from these. */
export interface Candidate {
  readonly id: string;
  readonly averageScore: number;
  readonly assignedToday: boolean;
  readonly weight: number | null;
  readonly refused: CapacityVerdict;
}

export interface Draw {
  /** Every registered miner with its verdict, by id. */
  readonly candidates: readonly Candidate[];
  readonly ranked: readonly string[];
  /** The whole order of draws without replacement: the first k get offers, the next ones refill. */
  readonly order: readonly string[];
}

/** Whether the miner could take one more task now (spec section 3). */
export function capacityVerdict(app: App, miner: MinerRecord, task: TaskRecord, busy: number): CapacityVerdict {
  if (miner.status !== "ACTIVE") return "SUSPENDED";
  const silentMs = app.clock.now().getTime() - (miner.lastHeartbeatAt?.getTime() ?? 0);
  if (miner.lastHeartbeatAt === null || silentMs > app.settings.recruiting.onlineWindowMs) return "OFFLINE";
  if (!miner.taskTypes.includes(task.kind)) return "TASK_TYPE";
  if (miner.maxParameterCount < task.parameterCount) return "PARAMETER_COUNT";
  return busy < miner.slots ? null : "NO_FREE_SLOT";
}

/** Draws the order in which miners are offered the task in this round: eq 2 over today's candidates. */
export async function drawCandidates(app: App, reader: Reader, task: TaskRecord): Promise<Draw> {
  const now = app.clock.now();
  const startOfDay = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  const miners = await reader.find("miners", {}, { orderBy: { id: "asc" } });
  const averages = await reader.averageScores(new Date(now.getTime() - SCORE_WINDOW_MS));
  const assigned = await reader.minersAssignedSince(startOfDay);
  const busy = await reader.busySlots();

  const seen = miners.map((miner) => ({
    id: miner.id,
    averageScore: averages.get(miner.id) ?? 0,
    assignedToday: assigned.has(miner.id),
    refused: capacityVerdict(app, miner, task, busy.get(miner.id) ?? 0),
  }));
  const weighted = selectionWeights(seen.filter(({ refused }) => refused === null));
  const weights = new Map(weighted.map(({ id, weight }) => [id, weight]));
  const ranked = rankMiners(weighted, createRng(app.secrets.seed(task.id, "ties", task.delays)));
  return {
    candidates: seen.map((candidate) => ({ ...candidate, weight: weights.get(candidate.id) ?? null })),
    ranked,
    order: drawOrder(ranked, createRng(app.secrets.seed(task.id, "draw", task.delays))),
  };
}

/** Draws until one is left, who comes last: the first k of it are what drawing k gives. */
function drawOrder(ranked: readonly string[], rng: () => number): readonly string[] {
  const drawn = drawMiners([...ranked], Math.max(0, ranked.length - 1), rng);
  return [...drawn, ...ranked.filter((id) => !drawn.includes(id))];
}
