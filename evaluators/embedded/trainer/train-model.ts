import type { Example, Llama } from "../engine/index.ts";
import { AdamW, backward, batch, begin, createRng, createSchedule, mark, release, seed } from "../engine/index.ts";
import type { Strategy } from "./strategy.ts";

export interface TrainingStep {
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Mean nats over the counted tokens of this step's rows, before its update. */
  readonly loss: number;
  /** Counted and uncounted tokens seen so far. */
  readonly tokens: number;
}

/** Trains what the model marks as trainable, in place; the same seed gives the same bits. */
export function* trainModel(model: Llama, examples: readonly Example[], strategy: Strategy): Generator<TrainingStep> {
  const { steps, warmup, learningRate, weightDecay } = strategy;
  const optimizer = new AdamW(model.trainable, { weightDecay });
  const schedule = createSchedule(strategy.schedule, { steps, warmup });
  const batches = drawBatches(examples, strategy);
  const start = mark();
  let tokens = 0;
  for (let step = 0; step < steps; step++) {
    const chosen = batches.next().value;
    const { ids, targets, length, counted } = batch(chosen);
    begin();
    const losses = model.tokenNll(ids, targets, chosen.length, length);
    const loss = losses.data.reduce((sum, value) => sum + value, 0) / counted;
    seed(losses, new Float32Array(losses.size).fill(1 / counted));
    backward();
    optimizer.step(learningRate * schedule(step));
    release(start);
    tokens += chosen.reduce((sum, { ids: row }) => sum + row.length, 0);
    yield { step: step + 1, steps, loss, tokens };
  }
}

/** Batches from one shuffled pass after the other; a pass's last rows are joined by the next pass's first. */
function* drawBatches(
  examples: readonly Example[],
  { seed: seedNumber, batchSize }: Strategy,
): Generator<readonly Example[], never> {
  const rng = createRng(seedNumber);
  let pending: readonly Example[] = [];
  for (;;) {
    while (pending.length < batchSize) pending = [...pending, ...rng.shuffled(examples)];
    yield pending.slice(0, batchSize);
    pending = pending.slice(batchSize);
  }
}
