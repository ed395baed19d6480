import { z } from "zod";
import type { Example } from "../engine/index.ts";
import { batch, readRows, rowLosses, seed, summarise, toExample } from "../engine/index.ts";
import { requireFiniteRows } from "./finite-rows.ts";
import type { EvaluationSet, Objective, RowSource, TrainingSet } from "./objective.ts";

/** Mean nats of the counted tokens, per row and over rows; no options. */
export const tokenCrossEntropy: Objective = {
  name: "token-cross-entropy",
  configure: (options) => {
    z.strictObject({}).parse(options);
    return { evaluationSet, trainingSet };
  },
};

function evaluationSet(source: RowSource): EvaluationSet {
  const examples = readExamples(source);
  const empty = examples.findIndex((example) => !hasCounted(example));
  if (empty >= 0) throw new Error(`Row ${empty + 1} has no counted token.`);
  return {
    rows: examples.length,
    *evaluate(model, { tokens }) {
      const losses = yield* rowLosses(model, examples);
      requireFiniteRows(losses, source.name);
      const rows = tokens ? losses.map((row, index) => ({ ...row, ...examples[index] })) : losses;
      return { rows, ...summarise(losses) };
    },
  };
}

function trainingSet(source: RowSource): TrainingSet {
  const examples = readExamples(source).filter(hasCounted);
  return {
    rows: examples.length,
    forward(model, rows) {
      const chosen = rows.flatMap((row) => examples.slice(row, row + 1));
      const { ids, targets, length, counted } = batch(chosen);
      const losses = model.tokenNll(ids, targets, chosen.length, length);
      const loss = losses.data.reduce((sum, value) => sum + value, 0) / counted;
      seed(losses, new Float32Array(losses.size).fill(1 / counted));
      return { loss, tokens: chosen.reduce((sum, { ids: row }) => sum + row.length, 0) };
    },
  };
}

function readExamples({ file, rules }: RowSource): readonly Example[] {
  return readRows(file).map((row) => toExample(row, rules));
}

const hasCounted = ({ counts }: Example): boolean => counts.includes(true);
