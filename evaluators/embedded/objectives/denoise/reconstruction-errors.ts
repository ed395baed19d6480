import { addNoise, denoise, type Dit, encodePicture, noiseAt, type Picture } from "../../diffusion/index.ts";
import type { CaptionedPicture } from "./pictures.ts";
import type { DenoiseOptions } from "./options.ts";

const BATCH = 16;

/** Mean squared errors, with the caption and with the empty prompt. */
export interface Errors {
  readonly text: number;
  readonly noText: number;
}

/** One row's pictures as base64 PNG. */
export interface Sample {
  readonly row: number;
  readonly original: string;
  readonly noisy: string;
  readonly text: string;
  readonly noText: string;
}

export interface ReconstructionErrors extends Errors {
  /** Means over noise levels and draws, in the order of the pictures. */
  readonly rows: readonly Errors[];
  /** Means over pictures and draws. */
  readonly strengths: readonly (Errors & { readonly strength: number })[];
  readonly samples: readonly Sample[];
}

export type ReconstructionOptions = Omit<DenoiseOptions, "sideMultiple" | "samples"> & {
  /** The first so many pictures are answered too, at the last noise level and draw. */
  readonly samples?: number;
  /** Hex. */
  readonly seed: string;
};

/** Reconstructs pictures from the same noise, with their captions and without; yields how many are done. */
export function* reconstructionErrors(
  model: Dit,
  pictures: readonly CaptionedPicture[],
  empty: readonly number[],
  options: ReconstructionOptions,
): Generator<number, ReconstructionErrors> {
  const { steps, seed, samples: shown = 0 } = options;
  const draws = options.strengths.flatMap((strength, level) =>
    Array.from({ length: options.seeds }, (_, draw) => ({ level, strength, draw, seed, steps })),
  );
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
        if (made.row < shown && draw === draws.at(-1)) samples.push(sampleOf(made));
      }
      yield done;
    }
    done += batch.length;
    yield done;
  }
  return { rows, ...means(rows), strengths, samples: samples.sort((a, b) => a.row - b.row) };
}

interface Reconstruction {
  readonly row: number;
  readonly picture: Picture;
  readonly noisy: Picture;
  readonly text: Picture;
  readonly noText: Picture;
}

const errorsOf = ({ picture, text, noText }: Reconstruction): Errors => ({
  text: squaredError(picture, text),
  noText: squaredError(picture, noText),
});

function addShare(sums: { text: number; noText: number } | undefined, errors: Errors, share: number): void {
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
  const numbered = pictures.map((captioned, row): Numbered => ({ ...captioned, row }));
  const bySize = Map.groupBy(numbered, ({ picture }) => `${picture.height}x${picture.width}`);
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
function means(rows: readonly Errors[]): Errors {
  let [text, noText] = [0, 0];
  for (const row of rows) {
    text += row.text;
    noText += row.noText;
  }
  return { text: text / rows.length, noText: noText / rows.length };
}
