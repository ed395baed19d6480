import { batch, seed, sumCounted } from "../../engine/index.ts";
import type { RowSource, TrainingSet } from "../objective.ts";
import { runToEnd } from "../run-to-end.ts";
import { logProbabilities } from "./log-probabilities.ts";
import type { PreferenceOptions } from "./options.ts";
import { pairLoss, rewardGradient, type PairLogProbabilities } from "./pair-loss.ts";
import { readPairs, type Pair } from "./pairs.ts";

interface ReferredPair extends Pair {
  readonly reference: PairLogProbabilities;
}

/** Pairs with the log-probabilities that the untrained model gives them: that model is the reference. */
export function preferenceTraining(source: RowSource, options: PreferenceOptions): TrainingSet {
  const pairs = readPairs(source.file, { ...source.rules, ...options });
  const reference = runToEnd(logProbabilities(source.base, pairs));
  const referred = pairs.flatMap((pair, index) => {
    const known = reference[index];
    return known === undefined ? [] : [{ ...pair, reference: known }];
  });
  return {
    rows: pairs.length,
    forward: (model, rows) => {
      const chosen = rows.flatMap((row) => referred.slice(row, row + 1));
      return forwardPairs(model, chosen, options.beta);
    },
  };
}

/** Chosen completions first, then the rejected ones, in one batch; d(loss)/d(nll) is the same for all tokens of one. */
export function forwardPairs(
  model: Parameters<TrainingSet["forward"]>[0],
  pairs: readonly ReferredPair[],
  beta: number,
): { readonly loss: number; readonly tokens: number } {
  const sequences = [...pairs.map(({ chosen }) => chosen), ...pairs.map(({ rejected }) => rejected)];
  const { ids, targets, length } = batch(sequences);
  const nll = model.tokenNll(ids, targets, sequences.length, length);
  const values = nll.data.slice();
  const logProbability = (sequence: number) => -sumCounted(values, targets, sequence * length, length).nll;

  const gradient = new Float32Array(nll.size);
  let loss = 0;
  for (const [index, { reference }] of pairs.entries()) {
    const rejected = index + pairs.length;
    const policy = { chosen: logProbability(index), rejected: logProbability(rejected) };
    const result = pairLoss(policy, reference, beta);
    loss += result.loss;
    const ofNll = (-beta * rewardGradient(result)) / pairs.length;
    gradient.fill(ofNll, index * length, (index + 1) * length);
    gradient.fill(-ofNll, rejected * length, (rejected + 1) * length);
  }
  seed(nll, gradient);
  return { loss: loss / pairs.length, tokens: sequences.reduce((sum, { ids: row }) => sum + row.length, 0) };
}
