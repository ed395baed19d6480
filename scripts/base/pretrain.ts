import {
  AdamW,
  backward,
  begin,
  cosineSchedule,
  createLlama,
  createLlamaConfig,
  createRng,
  initWeights,
  mark,
  release,
  seed,
  type WeightTensor,
} from "../../evaluators/embedded/engine/index.ts";

/** Settings of the pretraining: everything that the weights depend on besides the corpus and the tokenizer. */
export const pretraining = Object.freeze({
  seed: 20_260,
  steps: 5_000,
  warmup: 100,
  batch: 16,
  length: 64,
  learningRate: 4e-3,
  floor: 0.02,
  weightDecay: 0.05,
});

/** The demo model's shape: 541,536 parameters, tied embeddings. */
export const demoConfig = createLlamaConfig({
  vocab_size: 1024,
  hidden_size: 96,
  intermediate_size: 256,
  num_hidden_layers: 4,
  num_attention_heads: 3,
  max_position_embeddings: 128,
});

export interface Progress {
  readonly step: number;
  /** Mean loss in nats per token since the last report. */
  readonly loss: number;
}

/**
 * Trains the demo model on a stream of token ids: windows at random places, next-token cross-entropy, AdamW with a
 * cosine schedule over `pretraining.steps`. Stops after `steps` steps, by default all; the first n steps of a long run
 * and a run of n steps give the same weights.
 */
export function pretrain(
  stream: Uint16Array,
  report: (progress: Progress) => void,
  reportEvery: number,
  steps: number = pretraining.steps,
): ReadonlyMap<string, WeightTensor> {
  const { batch, length, learningRate, weightDecay } = pretraining;
  const bottom = mark();
  const rng = createRng(pretraining.seed);
  const model = createLlama(demoConfig, initWeights(demoConfig, pretraining.seed));
  const optimizer = new AdamW(model.trainable, { weightDecay });
  const rate = cosineSchedule({ steps: pretraining.steps, warmup: pretraining.warmup, floor: pretraining.floor });
  const each = new Float32Array(batch * length).fill(1 / (batch * length));
  const start = mark();
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    release(start);
    const windows = Array.from({ length: batch }, () => {
      const from = rng.below(stream.length - length);
      return stream.subarray(from, from + length + 1);
    });
    begin();
    const nll = model.tokenNll(
      windows.flatMap((window) => [...window.subarray(0, length)]),
      windows.flatMap((window) => [...window.subarray(1)]),
      batch,
      length,
    );
    sum += nll.data.reduce((total, value) => total + value, 0) / (batch * length);
    seed(nll, each);
    backward();
    optimizer.step(learningRate * rate(step - 1));
    if (step % reportEvery === 0) {
      report({ step, loss: sum / reportEvery });
      sum = 0;
    }
  }
  const weights = model.weights();
  release(bottom);
  return weights;
}
