import { finalScores } from "./final.ts";
import { originalPolicy } from "./original-policy.ts";
import type { MinerScores, ScoredResult, ScoringPolicy } from "./policy.ts";
import { reasonedScores } from "./rank.ts";
import { adjustedScore, taskWeight } from "./task-weight.ts";
import { temporalScoresByWindow } from "./temporal.ts";

function paperMinerScores(results: readonly ScoredResult[]): MinerScores {
  const temporal = temporalScoresByWindow(
    results.map((result) => ({
      id: result.id,
      adjusted: adjustedScore(result.taskScore, result.taskWeight),
      window: result.window,
    })),
  );
  return { temporal, final: finalScores(temporal) };
}

/** `paper`: eq 11 to 15 as spec section 8 defines them. The default. */
export const paperPolicy: ScoringPolicy = Object.freeze({
  name: "paper",
  reasonedScores,
  taskWeight,
  minerScores: paperMinerScores,
});

/** All policies, the default first. */
export const SCORING_POLICIES: readonly ScoringPolicy[] = Object.freeze([paperPolicy, originalPolicy]);

/** The policy of that name; undefined for an unknown one. */
export function scoringPolicy(name: string): ScoringPolicy | undefined {
  return SCORING_POLICIES.find((policy) => policy.name === name);
}
