import { EvaluationError } from "../../evaluator/protocol.ts";
import { requireFiniteRows } from "../finite-rows.ts";
import type { EvaluationSet, RowSource } from "../objective.ts";
import { logProbabilities } from "./log-probabilities.ts";
import { pairLoss, type PairLogProbabilities, type PairLoss } from "./pair-loss.ts";
import { readPairs } from "./pairs.ts";
import type { PreferenceOptions } from "./options.ts";

/** Pairs and the base's log-probabilities of them, which are computed once, when the first model is evaluated. */
export function preferenceEvaluation(source: RowSource, options: PreferenceOptions): EvaluationSet {
  const pairs = readPairs(source.file, { ...source.rules, ...options });
  let reference: readonly PairLogProbabilities[] | undefined;

  function* ofReference(): Generator<number, readonly PairLogProbabilities[]> {
    const steps = logProbabilities(source.base, pairs);
    let step = steps.next();
    // No row of the model is done yet, but whoever waits sees that work goes on.
    for (; step.done !== true; step = steps.next()) yield 0;
    return requireFiniteReference(step.value, source.name);
  }

  return {
    rows: pairs.length,
    *evaluate(model, { tokens }) {
      const base = (reference ??= yield* ofReference());
      const policy = yield* logProbabilities(model, pairs);
      const rows = policy.map((own, index) => pairLoss(own, base[index] ?? MISSING, options.beta));
      requireFiniteRows(rows, source.name);
      return {
        rows: tokens ? rows.map((row, index) => ({ ...row, ...pairs[index] })) : rows,
        ...summarisePairs(rows),
      };
    },
  };
}

const MISSING: PairLogProbabilities = { chosen: NaN, rejected: NaN };

function requireFiniteReference(rows: readonly PairLogProbabilities[], set: string): readonly PairLogProbabilities[] {
  const bad = rows.findIndex(({ chosen, rejected }) => !Number.isFinite(chosen + rejected));
  if (bad < 0) return rows;
  const message = `The base model gives row ${bad + 1} of set ${set} no finite probability.`;
  throw new EvaluationError("infrastructure", "BAD_BASE", message);
}

/** Means over pairs in float64 and in their order; a tie counts as half a preference. */
function summarisePairs(rows: readonly PairLoss[]): {
  readonly loss: number;
  readonly accuracy: number;
  readonly margin: number;
} {
  let [loss, accuracy, margin] = [0, 0, 0];
  for (const row of rows) {
    const difference = row.chosenReward - row.rejectedReward;
    loss += row.loss;
    margin += difference;
    accuracy += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
  }
  return { loss: loss / rows.length, accuracy: accuracy / rows.length, margin: margin / rows.length };
}
