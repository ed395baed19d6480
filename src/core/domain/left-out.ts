import { foldVerdicts, type Verdict } from "./findings.ts";
import type { ScoredResult } from "./scoring/policy.ts";
import { ownValue } from "./sorted-entries.ts";
import { computeWeightSet, type WeightSet, type WeightSetOptions } from "./weight-set.ts";

/** Results of a window, some of them marked as left out, and the weights that the others amount to. */
export interface LeftOut {
  readonly results: readonly ScoredResult[];
  /** Miners whose verdict took results out. */
  readonly miners: ReadonlySet<string>;
  readonly set: WeightSet;
}

/** What a finding about a window demands for one miner. */
export interface MinerVerdict {
  /** Id of the miner, as in the results. */
  readonly id: string;
  readonly verdict: Verdict;
}

type Verdicts = ReadonlyMap<string, Verdict | undefined>;

/**
 * Section 7: FLAG leaves a miner's organic results out of a weight set, DISQUALIFY (which beats it) all of them. Neither does
 * where the miner would then weigh more than with them, the other miners' results being left out all the same. Leaving
 * losses out raises a sum; and by eq 13 to 15 even a lower sum can raise a share, since the best one's fall hurts all others
 * unequally. The order of results and findings does not matter.
 *
 * @throws RangeError if a number is not finite.
 */
export function leaveOut(
  results: readonly ScoredResult[],
  findings: readonly MinerVerdict[],
  options: WeightSetOptions = {},
): LeftOut {
  const verdicts = foldByMiner(findings);
  let miners = new Set(results.filter((result) => isDemanded(result, verdicts)).map(({ id }) => id));
  for (;;) {
    const marked = mark(results, verdicts, miners);
    const set = computeWeightSet(marked, options);
    const spared = [...miners].filter((id) => {
      const others = new Set([...miners].filter((other) => other !== id));
      return weighsMore(id, set, computeWeightSet(mark(results, verdicts, others), options));
    });
    if (spared.length === 0) return { results: marked, miners, set };
    // Each round spares at least one miner for good, so that this ends.
    miners = new Set([...miners].filter((id) => !spared.includes(id)));
  }
}

function foldByMiner(findings: readonly MinerVerdict[]): Verdicts {
  const byMiner = Map.groupBy(findings, ({ id }) => id);
  return new Map([...byMiner].map(([id, ofMiner]) => [id, foldVerdicts(ofMiner.map(({ verdict }) => verdict))]));
}

function isDemanded({ id, origin }: ScoredResult, verdicts: Verdicts): boolean {
  const verdict = verdicts.get(id);
  return verdict === "DISQUALIFY" || (verdict === "FLAG" && origin === "ORGANIC");
}

const mark = (
  results: readonly ScoredResult[],
  verdicts: Verdicts,
  miners: ReadonlySet<string>,
): readonly ScoredResult[] =>
  results.map((result) =>
    miners.has(result.id) && isDemanded(result, verdicts) ? { ...result, leftOut: true } : result,
  );

/** As a fraction or as published: either pays. */
const weighsMore = (id: string, set: WeightSet, than: WeightSet): boolean =>
  (ownValue(set.weights, id) ?? 0) > (ownValue(than.weights, id) ?? 0) ||
  (ownValue(set.integerWeights, id) ?? 0) > (ownValue(than.integerWeights, id) ?? 0);
