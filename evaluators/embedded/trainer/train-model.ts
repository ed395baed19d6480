import { AdamW, backward, begin, createRng, createSchedule, mark, release } from "../engine/index.ts";
import type { EngineModel } from "../models/model-family.ts";
import type { TrainingSet } from "../objectives/index.ts";
import type { Strategy } from "./strategy.ts";

export interface TrainingStep {
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  /** The objective's loss on this step's rows, before its update. */
  readonly loss: number;
  /** Counted and uncounted tokens seen so far. */
  readonly tokens: number;
}

/** Trains what the model marks as trainable, in place; the same seed gives the same bits. */
export function* trainModel<Model extends EngineModel>(
  model: Model,
  set: TrainingSet<Model>,
  strategy: Strategy,
): Generator<TrainingStep> {
  const { steps, warmup, learningRate, weightDecay } = strategy;
  const optimizer = new AdamW(model.trainable, { weightDecay });
  const schedule = createSchedule(strategy.schedule, { steps, warmup });
  const batches = drawBatches(set.rows, strategy);
  const start = mark();
  let seen = 0;
  for (let step = 0; step < steps; step++) {
    begin();
    const { loss, tokens } = set.forward(model, batches.next().value);
    backward();
    optimizer.step(learningRate * schedule(step));
    release(start);
    seen += tokens;
    yield { step: step + 1, steps, loss, tokens: seen };
  }
}

/** Row numbers from one shuffled pass after the other; a pass's last rows are joined by the next pass's first. */
function* drawBatches(rows: number, { seed, batchSize }: Strategy): Generator<readonly number[], never> {
  const rng = createRng(seed);
  const pass = Array.from({ length: rows }, (_, row) => row);
  let pending: readonly number[] = [];
  for (;;) {
    while (pending.length < batchSize) pending = [...pending, ...rng.shuffled(pass)];
    yield pending.slice(0, batchSize);
    pending = pending.slice(batchSize);
  }
}
