import { encode } from "fast-png";
import { emojiOf, readEmoji, readImage } from "./emoji.ts";
import type { ImageDatasetName } from "./paths.ts";

/** A demo dataset's file: one row a line, the picture as base64 of an 8-bit RGB PNG. */
export function datasetFile(set: ImageDatasetName): string {
  return emojiOf(set, readEmoji())
    .map((emoji) => {
      const { width, height, data } = readImage(emoji);
      const png = encode({ width, height, data, channels: 3, depth: 8 }, { zlib: { level: 9 } });
      return `${JSON.stringify({ image: Buffer.from(png).toString("base64"), caption: emoji.caption })}\n`;
    })
    .join("");
}
