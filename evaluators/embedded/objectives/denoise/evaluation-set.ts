import { addNoise, denoise, type Dit, encodePicture, noiseAt, type Picture } from "../../diffusion/index.ts";
import { requireFiniteRows } from "../finite-rows.ts";
import type { EvaluationSet, RowSource } from "../objective.ts";
import type { DenoiseOptions } from "./options.ts";
import { type CaptionedPicture, emptyCaption, readPictures } from "./pictures.ts";

const BATCH = 16;

/** One row's mean squared errors, over noise levels and draws. */
interface RowErrors {
  readonly text: number;
  readonly noText: number;
}

interface Sample {
  readonly row: number;
  readonly original: string;
  readonly noisy: string;
  readonly text: string;
  readonly noText: string;
}

/** Images that models reconstruct from the same noise, with their caption and without. */
export function denoiseEvaluation(source: RowSource<Dit>, options: DenoiseOptions): EvaluationSet<Dit> {
  const pictures = readPictures(source, options.sideMultiple);
  const empty = emptyCaption(source);
  const seed = source.seed ?? "";
  const draws = options.strengths.flatMap((strength, level) =>
    Array.from({ length: options.seeds }, (_, draw) => ({ level, strength, draw, seed, steps: options.steps })),
  );
  return {
    rows: pictures.length,
    *evaluate(model) {
      const rows = pictures.map(() => ({ text: 0, noText: 0 }));
      const strengths = options.strengths.map((strength) => ({ strength, text: 0, noText: 0 }));
      const samples: Sample[] = [];
      let done = 0;
      for (const batch of batches(pictures)) {
        for (const draw of draws) {
          for (const made of reconstruct(model, batch, empty, draw)) {
            const errors = errorsOf(made);
            addShare(rows[made.row], errors, 1 / draws.length);
            addShare(strengths[draw.level], errors, 1 / (pictures.length * options.seeds));
            if (made.row < options.samples && draw === draws.at(-1)) samples.push(sampleOf(made));
          }
          yield done;
        }
        done += batch.length;
        yield done;
      }
      requireFiniteRows(rows, source.name);
      return { rows, ...means(rows), strengths, samples: samples.sort((a, b) => a.row - b.row) };
    },
  };
}

interface Reconstruction {
  readonly row: number;
  readonly picture: Picture;
  readonly noisy: Picture;
  readonly text: Picture;
  readonly noText: Picture;
}

const errorsOf = ({ picture, text, noText }: Reconstruction): RowErrors => ({
  text: squaredError(picture, text),
  noText: squaredError(picture, noText),
});

function addShare(sums: { text: number; noText: number } | undefined, errors: RowErrors, share: number): void {
  if (sums === undefined) return;
  sums.text += share * errors.text;
  sums.noText += share * errors.noText;
}

const sampleOf = ({ row, picture, noisy, text, noText }: Reconstruction): Sample => ({
  row,
  original: encodePicture(picture),
  noisy: encodePicture(noisy),
  text: encodePicture(text),
  noText: encodePicture(noText),
});

type Numbered = CaptionedPicture & { readonly row: number };

/** Rows of one size side by side, in the order of the file within a size. */
function batches(pictures: readonly CaptionedPicture[]): readonly (readonly Numbered[])[] {
  const bySize = new Map<string, Numbered[]>();
  for (const [row, captioned] of pictures.entries()) {
    const size = `${captioned.picture.height}x${captioned.picture.width}`;
    bySize.set(size, [...(bySize.get(size) ?? []), { ...captioned, row }]);
  }
  return [...bySize.values()].flatMap((rows) =>
    Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, i) => rows.slice(i * BATCH, (i + 1) * BATCH)),
  );
}

interface Draw {
  readonly strength: number;
  readonly steps: number;
  readonly seed: string;
  readonly draw: number;
}

function reconstruct(
  model: Dit,
  batch: readonly Numbered[],
  empty: readonly number[],
  { strength, steps, seed, draw }: Draw,
): readonly Reconstruction[] {
  const noisy = batch.map(({ picture, row }) =>
    addNoise(picture, noiseAt({ seed, draw, row }, picture.values.length), strength),
  );
  const path = { strength, steps: Math.max(1, Math.round(strength * steps)) };
  const captions = batch.map(({ caption }) => caption);
  const text = denoise(model, noisy, captions, path);
  const noText = denoise(
    model,
    noisy,
    captions.map(() => empty),
    path,
  );
  return batch.flatMap(({ row, picture }, i) => {
    const [noisyInput, withText, withoutText] = [noisy[i], text[i], noText[i]];
    return noisyInput && withText && withoutText
      ? [{ row, picture, noisy: noisyInput, text: withText, noText: withoutText }]
      : [];
  });
}

/** Mean over pixels and channels of the squared difference in [0, 1]; what a model paints beyond is cut off. */
function squaredError(original: Picture, made: Picture): number {
  let sum = 0;
  for (let i = 0; i < original.values.length; i++) {
    const value = made.values[i] ?? NaN;
    const clipped = value < -1 ? -1 : value > 1 ? 1 : value;
    const difference = (clipped - (original.values[i] ?? 0)) / 2;
    sum += difference * difference;
  }
  return sum / original.values.length;
}

/** Means over rows in float64 and in their order. */
function means(rows: readonly RowErrors[]): RowErrors {
  let [text, noText] = [0, 0];
  for (const row of rows) {
    text += row.text;
    noText += row.noText;
  }
  return { text: text / rows.length, noText: noText / rows.length };
}
