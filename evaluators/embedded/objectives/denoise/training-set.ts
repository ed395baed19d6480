import { denoisingLoss, type Dit } from "../../diffusion/index.ts";
import { createRng } from "../../engine/index.ts";
import type { RowSource, TrainingSet } from "../objective.ts";
import type { DenoiseOptions } from "./options.ts";
import { emptyCaption, readPictures } from "./pictures.ts";

/** Share of the examples without their caption: the loss asks for images without one too. */
const CAPTION_DROPOUT = 0.5;
/** Noise levels below this teach nothing. */
const LEAST_TIME = 0.02;

/** Images at noise levels up to the task's largest strength, which a reconstruction passes through. */
export function denoiseTraining(source: RowSource<Dit>, options: DenoiseOptions): TrainingSet<Dit> {
  const pictures = readPictures(source, options.sideMultiple);
  const empty = emptyCaption(source);
  const most = Math.max(...options.strengths);
  const rng = createRng(Number.parseInt(source.seed === undefined || source.seed === "" ? "0" : source.seed, 16));
  return {
    rows: pictures.length,
    forward: (model, rows) => {
      const examples = rows
        .flatMap((row) => pictures.slice(row, row + 1))
        .map(({ picture, caption }) => ({
          picture,
          caption: rng.next() < CAPTION_DROPOUT ? empty : caption,
          time: LEAST_TIME + (most - LEAST_TIME) * rng.next(),
          noise: Float32Array.from(picture.values, () => rng.normal()),
        }));
      // Pictures of one size go through the model together.
      const sizes = Map.groupBy(examples, ({ picture }) => `${picture.width} x ${picture.height}`);
      const loss = [...sizes.values()].reduce((sum, group) => {
        const share = group.length / examples.length;
        return sum + share * denoisingLoss(model, group, share);
      }, 0);
      const { text_length: text, patch_size: side } = model.config;
      const tokens = examples.reduce(
        (sum, { picture }) => sum + text + (picture.height * picture.width) / (side * side),
        0,
      );
      return { loss, tokens };
    },
  };
}
