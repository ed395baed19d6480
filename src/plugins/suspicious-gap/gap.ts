import { failsStatically, type JudgedSubmission } from "../../core/contract/index.ts";
import { compareIds, differenceStandardError } from "../../core/domain/index.ts";

/** What one submission's losses say about its generalisation. */
export interface Gap {
  readonly id: string;
  readonly testLoss: number;
  /** L_synth − L_test. */
  readonly gap: number;
  /** Of the gap, from the losses of the rows; Infinity where a split has fewer than two rows. */
  readonly standardError: number;
  /** False for all but the earliest of several submissions with one digest. */
  readonly distinct: boolean;
}

/** The gaps of all submissions that have both losses and are not disqualified by static facts, in the order of seals. */
export function gapsOf(submissions: readonly JudgedSubmission[]): readonly Gap[] {
  const digests = new Set<string>();
  return submissions
    .filter((submission) => !failsStatically(submission.facts))
    .toSorted(
      (a, b) =>
        a.firstSealedAt - b.firstSealedAt || a.firstSealSequence - b.firstSealSequence || compareIds(a.id, b.id),
    )
    .flatMap(({ id, losses, facts }) => {
      if (losses.synthLoss === null) return [];
      const distinct = !digests.has(facts.digest);
      digests.add(facts.digest);
      const { test, synth } = losses.rowLosses;
      const standardError =
        synth && test.length > 0 && synth.length > 0 ? differenceStandardError(synth, test) : Number.POSITIVE_INFINITY;
      return [{ id, testLoss: losses.testLoss, gap: losses.synthLoss - losses.testLoss, standardError, distinct }];
    });
}
