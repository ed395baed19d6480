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

/** Negative log-likelihood of one example's counted tokens: their sum in nats, and how many they are. */
export interface TokenSum {
  readonly nll: number;
  readonly tokens: number;
}

/**
 * Losses of examples in their order, computed in batches of similar length. A row's loss has the same bits whatever
 * else is in its batch. Yields the number of rows done after each batch, so that a caller can breathe.
 */
export function* rowLosses(model: Llama, examples: readonly Example[]): Generator<number, readonly RowLoss[]> {
  const sums = yield* tokenSums(model, examples);
  return sums.map(({ nll, tokens }) => ({ loss: nll / tokens, tokens }));
}

/** Like `rowLosses`, but sums: minus the logarithm of the probability that the model gives to what counts. */
export function* tokenSums(model: Llama, examples: readonly Example[]): Generator<number, readonly TokenSum[]> {
  const losses = yield* tokenLosses(model, examples);
  return losses.map((row) => ({ nll: row.reduce((sum, nll) => sum + nll, 0), tokens: row.length }));
}

/** Like `rowLosses`, but one by one: nats of each counted token, in their order. */
export function* tokenLosses(
  model: Llama,
  examples: readonly Example[],
): Generator<number, readonly (readonly number[])[]> {
  const losses: (readonly number[])[] = examples.map(() => []);
  let done = 0;
  for (const group of groupByLength(examples)) {
    const start = mark();
    const { ids, targets, length } = batch(group.map(({ example }) => example));
    const nll = noGrad(() => model.tokenNll(ids, targets, group.length, length)).data;
    for (const [row, { index }] of group.entries()) losses[index] = countedLosses(nll, targets, row * length, length);
    release(start);
    done += group.length;
    yield done;
  }
  return losses;
}

function countedLosses(nll: Float32Array, targets: Int32Array, offset: number, length: number): readonly number[] {
  const losses: number[] = [];
  for (let position = offset; position < offset + length; position++) {
    if ((targets[position] ?? -1) >= 0) losses.push(nll[position] ?? NaN);
  }
  return losses;
}

/** Sum over the counted positions of one row of a batch, in float64 and in their order. */
export function sumCounted(nll: Float32Array, targets: Int32Array, offset: number, length: number): TokenSum {
  const losses = countedLosses(nll, targets, offset, length);
  return { nll: losses.reduce((sum, value) => sum + value, 0), tokens: losses.length };
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
