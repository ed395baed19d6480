import { compareIds, improvement } from "../../domain/index.ts";
import type { EvaluationRecord, FindingRecord, ScoreRecord, SubmissionRecord } from "../records.ts";

/** The base model's own losses. */
export interface BaselineView {
  readonly testLoss: number;
  readonly synthLoss: number | null;
  readonly weightedLoss: number;
}

/** One miner's line: its score and, where it sealed something that was evaluated, the losses behind it. */
export interface LeaderboardLine {
  readonly taskId: string;
  readonly minerId: string;
  readonly submissionId: string | null;
  readonly rank: number | null;
  readonly strategy: string | null;
  readonly testLoss: number | null;
  readonly synthLoss: number | null;
  readonly weightedLoss: number | null;
  readonly improvement: number | null;
  readonly taskScore: number;
  readonly taskWeight: number;
  readonly adjustedScore: number;
  readonly reason: string;
  readonly explanation: string;
  readonly findings: readonly FindingRecord[];
}

/** All that is stored about the outcome of one task. */
export interface TaskOutcome {
  readonly scores: readonly ScoreRecord[];
  readonly submissions: readonly SubmissionRecord[];
  readonly evaluations: readonly EvaluationRecord[];
  readonly findings: readonly FindingRecord[];
}

/** The attempt that counts: the last one that was not the platform's own failure. */
export function decidingEvaluation(
  evaluations: readonly EvaluationRecord[],
  submissionId: string | null,
): EvaluationRecord | null {
  const attempts = evaluations
    .filter((evaluation) => evaluation.submissionId === submissionId)
    .toSorted((a, b) => a.attempt - b.attempt);
  return attempts.findLast(({ status }) => status !== "INFRASTRUCTURE") ?? attempts.at(-1) ?? null;
}

/** The losses of the base, or null where it was not evaluated. */
export function baselineOf(evaluations: readonly EvaluationRecord[]): BaselineView | null {
  const evaluation = decidingEvaluation(evaluations, null);
  if (!evaluation?.losses || evaluation.weightedLoss === null) return null;
  const { testLoss, synthLoss } = evaluation.losses;
  return { testLoss, synthLoss, weightedLoss: evaluation.weightedLoss };
}

/** Ranked miners first by rank, then the others by score and name of the miner. */
export function leaderboard({ scores, submissions, evaluations, findings }: TaskOutcome): readonly LeaderboardLine[] {
  const base = baselineOf(evaluations)?.weightedLoss ?? null;
  const byId = new Map(submissions.map((submission) => [submission.id, submission]));
  const lines = scores.map(({ scoredAt: _scoredAt, ...score }): LeaderboardLine => {
    const submission = score.submissionId === null ? null : (byId.get(score.submissionId) ?? null);
    const evaluation = submission && decidingEvaluation(evaluations, submission.id);
    const weightedLoss = evaluation?.weightedLoss ?? null;
    return {
      ...score,
      strategy: submission?.strategy ?? null,
      testLoss: evaluation?.losses?.testLoss ?? null,
      synthLoss: evaluation?.losses?.synthLoss ?? null,
      weightedLoss,
      improvement: base === null || weightedLoss === null ? null : improvement(base, weightedLoss),
      findings: findings.filter(({ submissionId }) => submissionId === score.submissionId),
    };
  });
  return lines.toSorted(
    (a, b) =>
      (a.rank ?? Infinity) - (b.rank ?? Infinity) || b.taskScore - a.taskScore || compareIds(a.minerId, b.minerId),
  );
}
