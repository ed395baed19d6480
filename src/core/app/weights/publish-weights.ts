import type { Json } from "../../contract/index.ts";
import {
  canonicalJson,
  computeWeightSet,
  scoringPolicy,
  weightSetText,
  windowOf,
  type ScoredResult,
} from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { WeightEntry, WeightSetRecord } from "../records.ts";
import { tellMiners } from "../tasks/miner-events.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const LONGEST_WINDOW_DAYS = 7;

/**
 * Makes the weight set that a newly SCORED task calls for, once, and hands it to every publisher. Called again for the
 * same task it publishes what is there: publishers are idempotent.
 */
export async function publishWeights(app: App, taskId: string): Promise<void> {
  const id = app.ids.derived("weightSet", taskId);
  const existing = await app.store.findOne("weightSets", { id });
  const set = existing ?? (await app.store.transaction((tx) => createWeightSet(app, tx, id, taskId)));
  if (set === null) return;
  for (const publisher of app.publishers) {
    const { sequence, digest, empty } = set;
    const weights = set.entries.map(({ hotkey, integer }) => ({ hotkey, integer }));
    await publisher.publish(
      { id, sequence, digest, empty, weights },
      AbortSignal.timeout(app.settings.evaluation.timeoutMs),
    );
  }
}

/** Weight sets that a stop came in the way of: SCORED tasks of the last days without one. */
export async function publishMissingWeights(app: App): Promise<void> {
  const since = new Date(app.clock.now().getTime() - LONGEST_WINDOW_DAYS * DAY_MS);
  const scored = await app.store.find(
    "tasks",
    { status: "SCORED", scoredAt: { gte: since } },
    { orderBy: { scoredAt: "asc" } },
  );
  for (const task of scored) await publishWeights(app, task.id);
}

async function createWeightSet(app: App, tx: Tx, id: string, taskId: string): Promise<WeightSetRecord | null> {
  const task = await tx.findOne("tasks", { id: taskId }, { lock: "update" });
  if (task?.status !== "SCORED") return null;
  const known = await tx.findOne("weightSets", { id });
  if (known !== null) return known;
  const policy = scoringPolicy(app.settings.scoring.policy);
  const miners = await tx.find("miners", {});
  const hotkeys = new Map(miners.map((miner) => [miner.id, miner.hotkey]));
  const inputs = await scoredResults(app, tx, hotkeys);
  const computed = computeWeightSet(inputs, { policy });
  const minerIds = new Map(miners.map((miner) => [miner.hotkey, miner.id]));
  const entries = Object.entries(computed.weights)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hotkey, weight]): WeightEntry => ({
      minerId: minerIds.get(hotkey) ?? "",
      hotkey,
      temporalScore: computed.temporal[hotkey] ?? 0,
      finalScore: computed.final[hotkey] ?? 0,
      weight,
      integer: computed.integerWeights[hotkey] ?? 0,
    }));
  const published: Json = JSON.parse(canonicalJson(inputs.map((input) => ({ ...input })))) as Json; // JSON of JSON
  const set = await tx.insert("weightSets", {
    id,
    inputs: published,
    policy: computed.policy,
    entries,
    empty: computed.empty,
    digest: app.secrets.sha256(weightSetText(inputs, computed)),
    createdAt: app.clock.now(),
  });
  await tellMiners(
    app,
    tx,
    entries.map(({ minerId, weight }) => ({
      minerId,
      type: "WeightSetPublished",
      taskId: null,
      cause: id,
      payload: { weightSetId: id, digest: set.digest, weight },
    })),
  );
  await tx.ring("topic", "leaderboard", { weightSetId: id });
  return set;
}

/** Every score of the last 7 days from SCORED tasks, with the window that it falls in instead of a time. */
async function scoredResults(app: App, tx: Tx, hotkeys: ReadonlyMap<string, string>): Promise<readonly ScoredResult[]> {
  const now = app.clock.now().getTime();
  const since = new Date(now - LONGEST_WINDOW_DAYS * DAY_MS);
  const tasks = await tx.find("tasks", { status: "SCORED", scoredAt: { gte: since } });
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const scores = tasks.length === 0 ? [] : await tx.find("scores", { taskId: { in: [...byId.keys()] } });
  const results = scores.flatMap((score) => {
    const task = byId.get(score.taskId);
    const hotkey = hotkeys.get(score.minerId);
    if (task === undefined || hotkey === undefined) return [];
    const { taskScore, taskWeight } = score;
    const window = windowOf((now - score.scoredAt.getTime()) / DAY_MS);
    return [{ id: hotkey, taskId: task.id, taskType: task.kind, origin: task.origin, taskScore, taskWeight, window }];
  });
  return results.toSorted((a, b) => (`${a.taskId}:${a.id}` < `${b.taskId}:${b.id}` ? -1 : 1));
}
