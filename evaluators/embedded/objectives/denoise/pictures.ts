import { z } from "zod";
import { decodePng, type Dit, encodeCaption, fitImage, type Picture, toPicture } from "../../diffusion/index.ts";
import { readJsonLines } from "../../engine/index.ts";
import type { RowSource } from "../objective.ts";

const rowSchema = z.object({ image: z.base64().min(1), caption: z.string() });

/** A row as the model sees it. */
export interface CaptionedPicture {
  readonly picture: Picture;
  readonly caption: readonly number[];
}

/** The empty prompt for this base. */
export function emptyCaption({ rules }: Pick<RowSource<Dit>, "rules">): readonly number[] {
  return encodeCaption("", rules.tokenizer, rules.config);
}

/** Rows of a JSON-lines file, cropped and resized for the base. @throws {Error} naming the first bad row. */
export function readPictures({ file, rules }: RowSource<Dit>, sideMultiple: number): readonly CaptionedPicture[] {
  const { image_size: longerSide, patch_size: patch } = rules.config;
  const rule = { longerSide, multiple: leastCommonMultiple(patch, sideMultiple) };
  return readJsonLines(file, rowSchema).map(({ image, caption }, index) => {
    try {
      const picture = toPicture(fitImage(decodePng(Buffer.from(image, "base64")), rule));
      return { picture, caption: encodeCaption(caption, rules.tokenizer, rules.config) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Row ${index + 1}: the image can't be used: ${reason}`, { cause: error });
    }
  });
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a * b) / x;
}
