import type { Verdict } from "../findings.ts";
import { beatsBase } from "../losses.ts";
import { requireFinite, requireNonNegative } from "../numeric-guards.ts";
import { TASK_SCORE } from "../params.ts";
import { compareIds } from "../sorted-entries.ts";

/** One assignment's outcome as scoring sees it. */
export interface FieldEntry {
  readonly id: string;
  /** The weighted loss, lower is better; anything where there is none. */
  readonly loss: number;
  /** Server time of the seal; any unit, only the order counts. */
  readonly sealedAt: number;
  /** False for malformed, withdrawn, reported as failed, or never sealed. Infrastructure faults are not entries. */
  readonly valid: boolean;
  readonly verdict?: Verdict | undefined;
}

/** Why an entry got its score. */
export type ScoreReason =
  "WINNER" | "WINNER_NOT_ABOVE_BASE" | "MIDFIELD" | "BOTTOM_QUARTER" | "DISQUALIFIED" | "FLAGGED" | "INVALID";

export interface TaskScore {
  readonly id: string;
  /** From 1 among the RANKED; null for everybody else. */
  readonly rank: number | null;
  /** S_task */
  readonly score: number;
}

/** The same with why, as it is stored and shown. */
export interface ReasonedScore extends TaskScore {
  readonly reason: ScoreReason;
}

/** `baseLoss` is the untouched base's weighted loss; left out, the winner need not beat it. */
export interface TaskScoreOptions {
  readonly baseLoss?: number | undefined;
  /** The type's tolerance for "beats the base"; default 0. */
  readonly tolerance?: number | undefined;
}

/** The two questions that scoring policies answer differently. */
export interface RankRules {
  /** Whether a rank other than the first is penalised in a field of `count` RANKED. */
  readonly isPenalised: (rank: number, count: number) => boolean;
  /** Whether the best RANKED loss earns the first prize. */
  readonly earnsFirst: (loss: number) => boolean;
}

interface Standing {
  readonly rank: number;
  readonly score: number;
  readonly reason: ScoreReason;
}

function compareEntries(a: FieldEntry, b: FieldEntry): number {
  return a.loss - b.loss || a.sealedAt - b.sealedAt || compareIds(a.id, b.id);
}

function standingAt(rank: number, count: number, loss: number, rules: RankRules): Standing {
  if (rank === 1) {
    return rules.earnsFirst(loss)
      ? { rank, score: TASK_SCORE.first, reason: "WINNER" }
      : { rank, score: 0, reason: "WINNER_NOT_ABOVE_BASE" };
  }
  return rules.isPenalised(rank, count)
    ? { rank, score: TASK_SCORE.penalty, reason: "BOTTOM_QUARTER" }
    : { rank, score: 0, reason: "MIDFIELD" };
}

function standings(entries: readonly FieldEntry[], rules: RankRules): ReadonlyMap<FieldEntry, Standing> {
  const ordered = entries.toSorted(compareEntries);
  return new Map(ordered.map((entry, index) => [entry, standingAt(index + 1, ordered.length, entry.loss, rules)]));
}

/**
 * Scores a field under the given rules, in input order: who is EVALUATED and without a verdict is RANKED by loss, then
 * earlier seal, then id; a FLAGGED entry gets at most 0 of what it would have had if nobody were flagged; everybody
 * else gets the penalty if at least one is RANKED.
 *
 * @throws RangeError if a valid entry has no seal time.
 */
export function scoreField(field: readonly FieldEntry[], rules: RankRules): ReasonedScore[] {
  const eligible = field.filter(
    (entry) => entry.valid && Number.isFinite(entry.loss) && entry.verdict !== "DISQUALIFY",
  );
  for (const { id, sealedAt } of eligible) {
    if (Number.isNaN(sealedAt)) throw new RangeError(`the seal time of ${id} must be a number, found NaN`);
  }
  const ranked = standings(
    eligible.filter((entry) => entry.verdict !== "FLAG"),
    rules,
  );
  const ifNobodyWereFlagged = standings(eligible, rules);
  const faultScore = ranked.size > 0 ? TASK_SCORE.penalty : 0;

  return field.map((entry) => {
    const standing = ranked.get(entry);
    if (standing !== undefined) return { id: entry.id, ...standing };
    const spared = ifNobodyWereFlagged.get(entry);
    if (spared !== undefined) return { id: entry.id, rank: null, score: Math.min(0, spared.score), reason: "FLAGGED" };
    const reason = entry.verdict === "DISQUALIFY" ? "DISQUALIFIED" : "INVALID";
    return { id: entry.id, rank: null, score: faultScore, reason };
  });
}

/**
 * Eq 11 with reasons: rank 1 -> +3 (0 if it does not beat the base), rank > n·(1−0.25) -> −1, else 0, over the n RANKED
 * entries.
 *
 * @throws RangeError if the base's loss is given and not finite, the tolerance negative, or a seal time missing.
 */
export function reasonedScores(field: readonly FieldEntry[], options: TaskScoreOptions = {}): ReasonedScore[] {
  const { baseLoss, tolerance = 0 } = options;
  requireNonNegative("the tolerance", tolerance);
  if (baseLoss !== undefined) requireFinite("the base's loss", baseLoss);
  return scoreField(field, {
    isPenalised: (rank, count) => rank > count * (1 - TASK_SCORE.penaltyFraction),
    earnsFirst: (loss) => baseLoss === undefined || beatsBase(loss, baseLoss, tolerance),
  });
}

/**
 * Eq 11 in numbers alone.
 *
 * @throws RangeError as {@link reasonedScores}.
 */
export function taskScores(field: readonly FieldEntry[], options: TaskScoreOptions = {}): TaskScore[] {
  return reasonedScores(field, options).map(({ id, rank, score }) => ({ id, rank, score }));
}
