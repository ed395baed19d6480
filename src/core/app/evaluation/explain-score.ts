import type { ReasonedScore } from "../../domain/index.ts";
import type { EvaluationRecord } from "../records.ts";
import type { RuleFinding } from "./ask-rule.ts";
import type { Entry } from "./counting-submissions.ts";

interface ScoredEntry {
  readonly score: ReasonedScore;
  readonly entry: Entry;
  readonly evaluation: EvaluationRecord | undefined;
  readonly findings: readonly RuleFinding[];
}

/** One sentence on why a miner got its score, for the leaderboard and the miner. */
export function explainScore({ score, entry, evaluation, findings }: ScoredEntry): string {
  switch (score.reason) {
    case "WINNER":
      // Whether it must be below the base's as well is for the policy to say.
      return "lowest weighted loss of the field";
    case "WINNER_NOT_ABOVE_BASE":
      return "lowest weighted loss of the field, but not below the base model's";
    case "MIDFIELD":
      return `rank ${score.rank}: neither first nor in the last quarter`;
    case "BOTTOM_QUARTER":
      return `rank ${score.rank}: in the last quarter of the field`;
    case "DISQUALIFIED":
    case "FLAGGED": {
      const verdict = score.reason === "DISQUALIFIED" ? "DISQUALIFY" : "FLAG";
      const codes = findings.filter((finding) => finding.verdict === verdict).map(({ code }) => code);
      return `${score.reason === "DISQUALIFIED" ? "disqualified" : "flagged"}: ${codes.join(", ")}`;
    }
    case "INVALID":
      return `no valid submission: ${invalidReason(entry, evaluation)}`;
  }
}

function invalidReason({ assignment, submission }: Entry, evaluation: EvaluationRecord | undefined): string {
  if (assignment.status === "WITHDRAWN") return "withdrawn";
  // In its own words the miner says why to owner and operator only: everybody reads this.
  if (assignment.status === "FAILED") return "reported as failed";
  if (submission === null) return "nothing was sealed before the deadline";
  const { staticVerdict } = submission;
  if (staticVerdict.status === "INVALID")
    return `${staticVerdict.code ?? "INVALID"}: ${staticVerdict.message ?? "refused by intake"}`;
  return `${evaluation?.code ?? "NOT_EVALUATED"}: ${evaluation?.message ?? "there is no evaluation of it"}`;
}
