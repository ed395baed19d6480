import type { Json } from "../../contract/index.ts";
import {
  canonicalJson,
  compareIds,
  leaveOut,
  scoringPolicy,
  TEMPORAL,
  weightSetText,
  type ScoredResult,
  type WeightSet,
} from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { MinerRecord, WeightEntry, WeightSetRecord } from "../records.ts";
import { tellMiners } from "../tasks/miner-events.ts";
import { untilAborted } from "../until-aborted.ts";
import { judgeWindow, longestRuleDays } from "./judge-window.ts";
import { storeWindowJudgement } from "./store-window-judgement.ts";
import { toScoredResult, toWindowResult, windowScores } from "./window-scores.ts";

/** A chain may take its time; one that takes more is asked again later. */
const PUBLISHED_WITHIN_MS = 5 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const LONGEST_WINDOW_DAYS = Math.max(...TEMPORAL.windows.map(({ days }) => days));

/**
 * Makes the weight set that a newly SCORED task calls for, once, and hands it to every publisher. Called again for the
 * same task it publishes what is there: publishers are idempotent.
 *
 * @throws {AggregateError} of what publishers have thrown; none keeps the set from the others.
 */
export async function publishWeights(app: App, taskId: string): Promise<void> {
  const id = app.ids.derived("weightSet", taskId);
  const existing = await app.store.findOne("weightSets", { id });
  const set = existing ?? (await app.store.transaction((tx) => createWeightSet(app, tx, id, taskId)));
  if (set === null) return;
  const { sequence, digest, empty } = set;
  const weights = set.entries.map(({ hotkey, integer }) => ({ hotkey, integer }));
  const outcomes = await Promise.allSettled(
    app.publishers.map(async (publisher) => {
      const signal = AbortSignal.timeout(PUBLISHED_WITHIN_MS);
      const published = publisher.publish({ id, sequence, digest, empty, weights }, signal);
      await Promise.race([published, untilAborted(signal)]);
    }),
  );
  const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
}

/** Weight sets that a stop, or a publisher's failure, came in the way of. One that can't be published keeps no other. */
export async function publishMissingWeights(app: App): Promise<void> {
  const since = new Date(app.clock.now().getTime() - LONGEST_WINDOW_DAYS * DAY_MS);
  const scored = await app.store.find(
    "tasks",
    { status: "SCORED", scoredAt: { gte: since } },
    { orderBy: { scoredAt: "asc" } },
  );
  for (const { id: taskId } of scored) {
    await publishWeights(app, taskId).catch((error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      app.log.error("a weight set could not be published", { taskId, reason });
    });
  }
}

async function createWeightSet(app: App, tx: Tx, id: string, taskId: string): Promise<WeightSetRecord | null> {
  const task = await tx.findOne("tasks", { id: taskId }, { lock: "update" });
  if (task?.status !== "SCORED") return null;
  const known = await tx.findOne("weightSets", { id });
  if (known !== null) return known;
  // One after the other, by the row that is the same for all: the set with the highest number must know every score that
  // an earlier one knew, and whoever follows them by number must miss none.
  await tx.findOne("weightSets", {}, { orderBy: { sequence: "asc" }, lock: "update" });
  const policy = scoringPolicy(app.settings.scoring.policy);
  const miners = new Map((await tx.find("miners", {})).map((miner) => [miner.id, miner]));
  const scores = await windowScores(app, tx, Math.max(LONGEST_WINDOW_DAYS, longestRuleDays(app.rules)));
  const judgement = judgeWindow(app.rules, scores.map(toWindowResult));

  const hotkeyOf = (minerId: string) => miners.get(minerId)?.hotkey;
  const results = scores.flatMap((score) => {
    const hotkey = hotkeyOf(score.score.minerId);
    return hotkey === undefined || score.ageDays > LONGEST_WINDOW_DAYS ? [] : [toScoredResult(score, hotkey)];
  });
  const verdicts = judgement.findings.flatMap(({ minerId, verdict }) => {
    const id = hotkeyOf(minerId);
    return id === undefined ? [] : [{ id, verdict }];
  });
  const computed = leaveOut(results, verdicts, { policy });
  const inputs = computed.results.toSorted((a, b) => compareIds(a.taskId, b.taskId) || compareIds(a.id, b.id));
  const set = await tx.insert("weightSets", {
    id,
    inputs: published(inputs),
    policy: computed.set.policy,
    entries: entriesOf(computed.set, [...miners.values()]),
    empty: computed.set.empty,
    digest: app.secrets.sha256(weightSetText(inputs, computed.set)),
    createdAt: app.clock.now(),
  });
  await storeWindowJudgement(app, tx, { set, taskId, judgement, leftOut: computed.miners, hotkeyOf });
  await tellMiners(
    app,
    tx,
    set.entries.map(({ minerId, weight }) => ({
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

// JSON of JSON, where only marks that are there are left.
const published = (inputs: readonly ScoredResult[]): Json =>
  JSON.parse(canonicalJson(inputs.map(({ leftOut, ...input }) => ({ ...input, ...(leftOut && { leftOut }) })))) as Json;

/** What each miner gets, in the order of hotkeys. */
function entriesOf(set: WeightSet, miners: readonly MinerRecord[]): readonly WeightEntry[] {
  const minerIds = new Map(miners.map((miner) => [miner.hotkey, miner.id]));
  return Object.entries(set.weights)
    .sort(([a], [b]) => compareIds(a, b))
    .map(([hotkey, weight]) => ({
      minerId: minerIds.get(hotkey) ?? "",
      hotkey,
      temporalScore: set.temporal[hotkey] ?? 0,
      finalScore: set.final[hotkey] ?? 0,
      weight,
      integer: set.integerWeights[hotkey] ?? 0,
    }));
}
