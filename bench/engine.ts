// Training and evaluation speed of the engine against TensorFlow.js, the fastest library on npm that can train this
// model on a CPU without compiling anything:   node bench/engine.ts
// Both run the same weights on the same tokens in one process, in turns, on one core.
import {
  AdamW,
  backward,
  begin,
  createLlama,
  createLlamaConfig,
  createRng,
  initWeights,
  mark,
  noGrad,
  release,
  seed,
} from "../evaluators/embedded/engine/index.ts";
import { median } from "./evaluation/measure.ts";
import { createTensorflowLlama, startTensorflow } from "./tfjs-llama.ts";

const BATCH = 16;
const LENGTH = 64;
const POSITIONS = BATCH * LENGTH;
const LEARNING_RATE = 1e-3;
const ROUNDS = 3;
const STEPS = 8;

/** The demo's base model. */
const config = createLlamaConfig({
  vocab_size: 1024,
  hidden_size: 96,
  intermediate_size: 256,
  num_hidden_layers: 4,
  num_attention_heads: 3,
  max_position_embeddings: 128,
});
const weights = initWeights(config, 1);

interface Contestant {
  readonly name: string;
  readonly train: (ids: Int32Array, targets: Int32Array) => number;
  readonly evaluate: (ids: Int32Array, targets: Int32Array) => number;
}

function createEngine(): Contestant {
  const model = createLlama(config, weights);
  const optimizer = new AdamW(model.trainable, { learningRate: LEARNING_RATE, beta2: 0.999, weightDecay: 0, clip: 0 });
  const start = mark();
  const mean = (losses: Float32Array): number => losses.reduce((sum, loss) => sum + loss, 0) / POSITIONS;
  return {
    name: "this engine",
    train: (ids, targets) => {
      begin();
      const losses = model.tokenNll(ids, targets, BATCH, LENGTH);
      const loss = mean(losses.data);
      seed(losses, new Float32Array(POSITIONS).fill(1 / POSITIONS));
      backward();
      optimizer.step();
      release(start);
      return loss;
    },
    evaluate: (ids, targets) => {
      const loss = mean(noGrad(() => model.tokenNll(ids, targets, BATCH, LENGTH)).data);
      release(start);
      return loss;
    },
  };
}

const rng = createRng(2);
const drawBatch = (): Int32Array => Int32Array.from({ length: POSITIONS + 1 }, () => rng.below(config.vocab_size));
const batches = Array.from({ length: STEPS }, drawBatch);

/** Tokens per second and the last loss over all batches. */
function measure(step: (ids: Int32Array, targets: Int32Array) => number): { speed: number; loss: number } {
  const startedAt = performance.now();
  let loss = NaN;
  for (const tokens of batches) loss = step(tokens.subarray(0, POSITIONS), tokens.subarray(1));
  return { speed: (STEPS * POSITIONS) / ((performance.now() - startedAt) / 1000), loss };
}

await startTensorflow();
const contestants: readonly Contestant[] = [
  createEngine(),
  {
    name: "tfjs 4.22 (wasm)",
    ...createTensorflowLlama(config, weights, { batch: BATCH, length: LENGTH, learningRate: LEARNING_RATE }),
  },
];
const results = contestants.map(({ name }) => ({
  name,
  training: [] as number[],
  evaluation: [] as number[],
  loss: NaN,
}));

// Round 0 warms up, and shows that both compute the same thing.
for (let round = 0; round <= ROUNDS; round++) {
  for (const [index, contestant] of contestants.entries()) {
    const evaluation = measure(contestant.evaluate);
    const training = measure(contestant.train);
    const result = results[index];
    if (result === undefined) continue;
    result.loss = training.loss;
    if (round > 0) {
      result.training.push(training.speed);
      result.evaluation.push(evaluation.speed);
    }
  }
  const [own = NaN, peer = NaN] = results.map(({ loss }) => loss);
  if (!(Math.abs(own - peer) < 1e-2)) throw new Error(`The losses differ: ${own} and ${peer}.`);
}

const rows = results.map(({ name, training, evaluation, loss }) => ({
  name,
  trainTokensPerSecond: Math.round(median(training)),
  evaluateTokensPerSecond: Math.round(median(evaluation)),
  lossAfter: Number(loss.toFixed(4)),
}));
const [own, peer] = rows;
if (own === undefined || peer === undefined) throw new Error("Two contestants were expected.");
console.table(rows);
console.log(`training ${(own.trainTokensPerSecond / peer.trainTokensPerSecond).toFixed(2)} times as fast`);
console.log(`evaluation ${(own.evaluateTokensPerSecond / peer.evaluateTokensPerSecond).toFixed(2)} times as fast`);
