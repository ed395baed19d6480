import { z } from "zod";
import type { RowGenerator } from "../../../core/contract/index.ts";
import { IMAGE } from "../params.ts";
import { writePng } from "../write-png.ts";
import { paint } from "./paint.ts";
import { captionOf, drawScene, STYLES } from "./scene.ts";

const { multiple, most } = IMAGE.generatedSides;
const side = z.int().min(multiple).max(most).multipleOf(multiple, `must be divisible by ${multiple}`).default(multiple);

const options = z.strictObject({
  /** Each row is of one of these. */
  styles: z
    .array(z.enum(STYLES))
    .min(1)
    .default([...STYLES]),
  /** Pixels. */
  width: side,
  height: side,
});

/**
 * (style, resolution) -> prompt -> image, for synthetic tasks: drawings of one shape each, without a model and without
 * anybody's pictures. The caption says all that is to be seen, so that a model can learn to use it.
 */
export const imageGenerator: RowGenerator<typeof options> = Object.freeze({
  options,
  generate({ styles, width, height }: z.output<typeof options>, rng: () => number) {
    const scene = drawScene(styles, rng);
    const image = Buffer.from(writePng(paint(scene, width, height))).toString("base64");
    return { image, caption: captionOf(scene) };
  },
});
