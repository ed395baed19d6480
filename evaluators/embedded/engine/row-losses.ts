import type { Example } from "./batch.ts";
import { batch } from "./batch.ts";
import type { Llama } from "./llama.ts";
import { mark, release } from "./memory.ts";
import { noGrad } from "./tensor.ts";

/** Cross-entropy of one row in nats: the mean over its counted tokens. */
export interface RowLoss {
  readonly loss: number;
  readonly tokens: number;
}

/** Positions that are computed together; more would not be faster. */
const BATCH_POSITIONS = 1024;

/**
 * Losses of examples in their order, computed in batches of similar length. A row's loss has the same bits whatever
 * else is in its batch. Yields the number of rows done after each batch, so that a caller can breathe.
 */
export function* rowLosses(model: Llama, examples: readonly Example[]): Generator<number, readonly RowLoss[]> {
  const losses: RowLoss[] = examples.map(() => ({ loss: NaN, tokens: 0 }));
  let done = 0;
  for (const group of groupByLength(examples)) {
    const start = mark();
    const { ids, targets, length } = batch(group.map(({ example }) => example));
    const nll = noGrad(() => model.tokenNll(ids, targets, group.length, length)).data;
    for (const [row, { index }] of group.entries()) {
      losses[index] = meanLoss(nll.subarray(row * length, (row + 1) * length), targets, row * length);
    }
    release(start);
    done += group.length;
    yield done;
  }
  return losses;
}

function meanLoss(nll: Float32Array, targets: Int32Array, offset: number): RowLoss {
  let sum = 0;
  let tokens = 0;
  for (const [position, value] of nll.entries()) {
    if ((targets[offset + position] ?? -1) < 0) continue;
    sum += value;
    tokens += 1;
  }
  return { loss: sum / tokens, tokens };
}

interface Indexed {
  readonly index: number;
  readonly example: Example;
}

function groupByLength(examples: readonly Example[]): readonly (readonly Indexed[])[] {
  const sorted = examples
    .map((example, index) => ({ index, example }))
    .sort((a, b) => a.example.ids.length - b.example.ids.length || a.index - b.index);
  const groups: Indexed[][] = [];
  for (const item of sorted) {
    const group = groups.at(-1);
    const length = item.example.ids.length;
    if (group !== undefined && (group.length + 1) * length <= BATCH_POSITIONS) group.push(item);
    else groups.push([item]);
  }
  return groups;
}

/** Mean over rows (ranks) and over tokens, in float64 and in the order of the rows. */
export function summarise(rows: readonly RowLoss[]): { readonly loss: number; readonly tokenLoss: number } {
  let ofRows = 0;
  let ofTokens = 0;
  let tokens = 0;
  for (const row of rows) {
    ofRows += row.loss;
    ofTokens += row.loss * row.tokens;
    tokens += row.tokens;
  }
  return { loss: ofRows / rows.length, tokenLoss: ofTokens / tokens };
}
