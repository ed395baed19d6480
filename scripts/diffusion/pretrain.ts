import {
  createDit,
  type Dit,
  type DitConfig,
  denoisingLoss,
  encodeCaption,
  initDitWeights,
  parseDitConfig,
  type Picture,
  toPicture,
} from "../../evaluators/embedded/diffusion/index.ts";
import {
  AdamW,
  backward,
  begin,
  cosineSchedule,
  createRng,
  mark,
  release,
  type Rng,
  type Tokenizer,
  type WeightTensor,
} from "../../evaluators/embedded/engine/index.ts";
import { trainTokenizer } from "../base/tokenizer.ts";
import { emojiOf, IMAGE_SIZE, readEmoji, readImage } from "./emoji.ts";

/** Settings of the pretraining: everything that the weights depend on besides the pictures and the tokenizer. */
export const pretraining = Object.freeze({
  seed: 20_261,
  steps: 6_000,
  warmup: 200,
  batch: 16,
  learningRate: 2e-3,
  floor: 0.02,
  weightDecay: 0.01,
  /** Share of the examples without their caption, so that the empty prompt is learnt too. */
  captionDropout: 0.3,
  /** Smallest noise level that is trained; the largest is 1. */
  leastTime: 0.02,
  /** Every so many-th picture is held out, to measure on. */
  heldOutEvery: 10,
});

const GRID = IMAGE_SIZE / 4;
const TEXT_LENGTH = 16;

/** The demo model's shape: 0.6 million parameters. */
export const demoConfig: DitConfig = parseDitConfig({
  architectures: ["GradientsTinyDit"],
  model_type: "gradients-tiny-dit",
  image_size: IMAGE_SIZE,
  patch_size: 4,
  hidden_size: 96,
  intermediate_size: 256,
  num_hidden_layers: 4,
  num_attention_heads: 3,
  vocab_size: 1024,
  text_length: TEXT_LENGTH,
  pad_token_id: 0,
  time_features: 64,
  data_deviation: 0.6,
  rms_norm_eps: 1e-5,
  // What the model sees at once: a caption and the patches of one picture.
  max_position_embeddings: TEXT_LENGTH + GRID * GRID,
  torch_dtype: "float32",
});

/** tokenizer.json: learnt on the names of all emoji. */
export function makeTokenizer(): string {
  const captions = readEmoji().map(({ caption }) => caption);
  return `${JSON.stringify(trainTokenizer(captions, demoConfig.vocab_size))}\n`;
}

export interface CaptionedPicture {
  readonly picture: Picture;
  readonly caption: readonly number[];
}

/** The pretraining pictures: those that are trained on and those that are held out. */
export function readPictures(tokenizer: Tokenizer): Record<"train" | "heldOut", readonly CaptionedPicture[]> {
  const all = emojiOf("pretraining", readEmoji()).map((emoji) => ({
    picture: toPicture(readImage(emoji)),
    caption: encodeCaption(emoji.caption, tokenizer, demoConfig),
  }));
  const isHeldOut = (index: number): boolean => index % pretraining.heldOutEvery === 0;
  return {
    train: all.filter((_, index) => !isHeldOut(index)),
    heldOut: all.filter((_, index) => isHeldOut(index)),
  };
}

export interface Progress {
  readonly step: number;
  /** Mean denoising loss since the last report. */
  readonly loss: number;
}

/**
 * Trains the demo model: pictures at random, mirrored half of the time, at a noise level drawn uniformly. Stops after
 * `steps` steps, by default all; the first n steps of a long run and a run of n steps give the same weights.
 */
export function pretrain(
  pictures: readonly CaptionedPicture[],
  report: (progress: Progress) => void,
  reportEvery: number,
  steps: number = pretraining.steps,
): ReadonlyMap<string, WeightTensor> {
  const bottom = mark();
  const rng = createRng(pretraining.seed);
  const model = createDit(demoConfig, initDitWeights(demoConfig, pretraining.seed));
  const optimizer = new AdamW(model.trainable, { weightDecay: pretraining.weightDecay });
  const rate = cosineSchedule(pretraining);
  const start = mark();
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    release(start);
    begin();
    sum += denoisingLoss(model, draw(pictures, rng, model));
    backward();
    optimizer.step(pretraining.learningRate * rate(step - 1));
    if (step % reportEvery === 0) {
      report({ step, loss: sum / reportEvery });
      sum = 0;
    }
  }
  const weights = model.weights();
  release(bottom);
  return weights;
}

function draw(pictures: readonly CaptionedPicture[], rng: Rng, { config }: Dit) {
  const empty = Array.from({ length: config.text_length }, () => config.pad_token_id);
  const { captionDropout, leastTime } = pretraining;
  return Array.from({ length: pretraining.batch }, () => {
    const chosen = pictures[rng.below(pictures.length)];
    if (chosen === undefined) throw new Error("there are no pictures to train on");
    const picture = rng.next() < 0.5 ? mirrored(chosen.picture) : chosen.picture;
    const caption = rng.next() < captionDropout ? empty : chosen.caption;
    const time = leastTime + (1 - leastTime) * rng.next();
    const noise = Float32Array.from(picture.values, () => rng.normal());
    return { picture, caption, time, noise };
  });
}

function mirrored({ height, width, values }: Picture): Picture {
  const mirror = new Float32Array(values.length);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const column = pixel % width;
    mirror.set(values.subarray(pixel * 3, pixel * 3 + 3), (pixel - column + width - 1 - column) * 3);
  }
  return { height, width, values: mirror };
}
