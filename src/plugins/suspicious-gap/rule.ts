import { z } from "zod";
import { defineTaskRule, type Finding } from "../../core/contract/index.ts";
import { ANTI_GAMING, populationStandardDeviation } from "../../core/domain/index.ts";
import { gapsOf, type Gap } from "./gap.ts";

/**
 * Flags a submission that does much better on TEST than on rewrites of it (eq 10):
 * L_synth − L_test > max(α·σ(L_test), 2·SE), where σ runs over the distinct submissions of the field (at least three,
 * σ > 0) and SE is the standard error of the submission's own gap.
 *
 * A gap that more than half of the field shares is the data's: the base's own positive gap is taken off first, and if
 * that does not help nobody is flagged and the operator is told.
 */
export const suspiciousGap = defineTaskRule({
  name: "suspicious-gap",
  source: "eq 10",
  description: "The loss on rewritten test rows is far above the loss on the test rows themselves.",
  options: z.strictObject({
    /** α: in population standard deviations of the field's test losses. */
    deviations: z.number().positive().default(ANTI_GAMING.gapDeviations),
    /** In standard errors of the submission's own gap. */
    standardErrors: z.number().nonnegative().default(ANTI_GAMING.gapStandardErrors),
  }),
  judge: (field, options) => {
    const gaps = gapsOf(field.submissions);
    const distinct = gaps.filter((gap) => gap.distinct);
    if (distinct.length < ANTI_GAMING.gapMinimumField) return { findings: [], notices: [] };
    const sigma = populationStandardDeviation(distinct.map((gap) => gap.testLoss));
    if (!(sigma > 0)) return { findings: [], notices: [] };

    const flaggedBeyond = (shared: number) => {
      const threshold = ({ standardError }: Gap) => {
        // An error that is not known is infinite, and counts for nothing where none does.
        const noise = options.standardErrors > 0 ? options.standardErrors * standardError : 0;
        return Math.max(options.deviations * sigma, noise);
      };
      const flagged = gaps.filter((gap) => gap.gap - shared > threshold(gap));
      const findings = flagged.map((gap) => toFinding(gap, { sigma, shared, threshold: threshold(gap) }));
      const count = flagged.filter((gap) => gap.distinct).length;
      return { findings, tooMany: count > distinct.length * ANTI_GAMING.gapSharedFraction };
    };

    const first = flaggedBeyond(0);
    if (!first.tooMany) return { findings: first.findings, notices: [] };
    const second = flaggedBeyond(baseGap(field.base?.losses));
    if (!second.tooMany) return { findings: second.findings, notices: [] };
    return { findings: [], notices: [sharedGapNotice(second.findings.length, gaps.length)] };
  },
});

/** The base's own positive gap: 0 where it is unknown or negative. */
function baseGap(losses: { readonly testLoss: number; readonly synthLoss: number | null } | undefined): number {
  return losses && losses.synthLoss !== null ? Math.max(0, losses.synthLoss - losses.testLoss) : 0;
}

function toFinding(gap: Gap, context: { sigma: number; shared: number; threshold: number }): Finding {
  return {
    submission: gap.id,
    verdict: "FLAG",
    code: "SUSPICIOUS_GAP",
    evidence: {
      gap: gap.gap,
      threshold: context.threshold,
      sigma: context.sigma,
      standardError: Number.isFinite(gap.standardError) ? gap.standardError : null,
      baseGapSubtracted: context.shared,
    },
  };
}

const sharedGapNotice = (flagged: number, judged: number) =>
  `suspicious-gap would flag ${flagged} of ${judged} submissions even without the base's own gap: the SYNTH rows are harder ` +
  `than the TEST rows for everybody, so nobody is flagged; look at how they were made`;
