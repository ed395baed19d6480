import { z } from "zod";
import { defineWindowRule, type Finding, type WindowResult } from "../../core/contract/index.ts";
import {
  ANTI_GAMING,
  compareIds,
  differenceStandardError,
  mean,
  populationStandardDeviation,
} from "../../core/domain/index.ts";

/**
 * Flags a miner that does better on customers' tasks than on the network's own, as one does who posts the tasks himself:
 * mean(organic) > mean(synthetic tasks) + max(d·σ(synthetic tasks), k·SE) over the miner's task scores of seven days, where
 * σ is the population standard deviation and SE the standard error of the difference of the two means. A miner without a
 * score on either side is not judged; benchmark tasks are on neither.
 */
export const organicSyntheticGap = defineWindowRule({
  name: "organic-synthetic-gap",
  source: "section 7",
  description: "The mean score on organic tasks is far above the mean score on synthetic tasks.",
  days: ANTI_GAMING.originWindowDays,
  options: z.strictObject({
    /** d: in population standard deviations of the miner's scores on synthetic tasks. */
    deviations: z.number().positive().default(ANTI_GAMING.originDeviations),
    /** k: in standard errors of the difference between the means. With 0 they play no part. */
    standardErrors: z.number().nonnegative().default(0),
  }),
  judge: (results, options) => ({
    findings: [...Map.groupBy(results, ({ minerId }) => minerId).values()].flatMap((ofMiner) => {
      const [organic, synthetic] = [scoresOn("ORGANIC", ofMiner), scoresOn("SYNTHETIC", ofMiner)];
      if (organic.length === 0 || synthetic.length === 0) return [];
      const deviation = populationStandardDeviation(synthetic);
      const noise =
        options.standardErrors > 0 ? options.standardErrors * differenceStandardError(organic, synthetic) : 0;
      const means = { organicMean: mean(organic), syntheticMean: mean(synthetic) };
      const threshold = means.syntheticMean + Math.max(options.deviations * deviation, noise);
      const subject = newestOrganicSubmission(ofMiner);
      if (subject === null || !(means.organicMean > threshold)) return [];
      const counts = { organicTasks: organic.length, syntheticTasks: synthetic.length };
      return [toFinding(subject, { ...means, deviation, threshold, ...counts })];
    }),
    notices: [],
  }),
});

/** Sorted, so that sums do not depend on the order of the results. */
const scoresOn = (origin: WindowResult["origin"], results: readonly WindowResult[]): readonly number[] =>
  results.flatMap((result) => (result.origin === origin ? [result.taskScore] : [])).toSorted((a, b) => a - b);

/** The submission that stands for all of them; null where the miner never sealed a model for an organic task. */
function newestOrganicSubmission(results: readonly WindowResult[]): string | null {
  const sealed = results.filter(({ origin, submissionId }) => origin === "ORGANIC" && submissionId !== null);
  const [newest] = sealed.toSorted((a, b) => a.ageDays - b.ageDays || compareIds(a.taskId, b.taskId));
  return newest?.submissionId ?? null;
}

const toFinding = (submission: string, evidence: Finding["evidence"]): Finding => ({
  submission,
  verdict: "FLAG",
  code: "ORGANIC_SYNTHETIC_GAP",
  evidence,
});
