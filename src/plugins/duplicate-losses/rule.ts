import { z } from "zod";
import { defineTaskRule, failsStatically, type Finding, type JudgedSubmission } from "../../core/contract/index.ts";
import { ANTI_GAMING, compareIds } from "../../core/domain/index.ts";

/**
 * Disqualifies a submission that equals an earlier one which was itself kept (eq 9): |ΔL| < ε in every component of the
 * metric vector, or the same canonical digest. ε is never below the type's tolerance.
 */
export const duplicateLosses = defineTaskRule({
  name: "duplicate-losses",
  source: "eq 9",
  description: "All losses equal those of an earlier submission, or the model itself does.",
  options: z.strictObject({
    /** ε: in the unit of the losses. */
    epsilon: z.number().positive().default(ANTI_GAMING.duplicateEpsilon),
  }),
  judge: (field, options) => {
    const epsilon = Math.max(options.epsilon, field.tolerance);
    const kept: JudgedSubmission[] = [];
    const findings: Finding[] = [];
    for (const submission of field.submissions.toSorted(bySeal)) {
      const finding = firstMatch(submission, kept, epsilon);
      if (finding) findings.push(finding);
      else if (!failsStatically(submission.facts)) kept.push(submission);
    }
    return { findings, notices: [] };
  },
});

/** The order of first seals; the database sequence breaks equal times. */
const bySeal = (a: JudgedSubmission, b: JudgedSubmission) =>
  a.firstSealedAt - b.firstSealedAt || a.firstSealSequence - b.firstSealSequence || compareIds(a.id, b.id);

function firstMatch(submission: JudgedSubmission, kept: readonly JudgedSubmission[], epsilon: number): Finding | null {
  for (const earlier of kept) {
    const sameDigest = submission.facts.digest === earlier.facts.digest;
    const difference = largestDifference(submission.losses.components, earlier.losses.components);
    if (!sameDigest && !(difference < epsilon)) continue;
    return {
      submission: submission.id,
      verdict: "DISQUALIFY",
      code: "DUPLICATE",
      evidence: {
        earlier: earlier.id,
        reason: sameDigest ? "SAME_DIGEST" : "SAME_LOSSES",
        largestDifference: Number.isFinite(difference) ? difference : null,
        epsilon,
      },
    };
  }
  return null;
}

/** max |ΔL| over the components; Infinity where the vectors have other names or no component at all. */
function largestDifference(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): number {
  const names = Object.keys(a);
  if (names.length === 0 || names.length !== Object.keys(b).length) return Number.POSITIVE_INFINITY;
  return Math.max(...names.map((name) => Math.abs((a[name] ?? Number.NaN) - (b[name] ?? Number.POSITIVE_INFINITY))));
}
