import { encode } from "fast-png";
import type { Attachment } from "../../core/contract/index.ts";
import type { ImageSample } from "./eval-output.ts";
import type { Pixels } from "./pixels.ts";
import { decodePng, pictureOnly } from "./png.ts";

const GAP = 4;
const PAPER = 238;
const COLUMNS = ["original", "noisy", "text", "noText"] as const;

/**
 * One PNG with a row for each sample: the original, the noisy input, the reconstruction with the caption and the one
 * without. Undefined where there are no samples.
 */
export function contactSheet(samples: readonly ImageSample[]): Attachment | undefined {
  if (samples.length === 0) return undefined;
  const tiles = samples.map((sample) => COLUMNS.map((column) => readTile(sample[column])));
  const cell = Math.max(...tiles.flat().flatMap(({ width, height }) => [width, height])) + GAP;
  const [width, height] = [COLUMNS.length * cell + GAP, tiles.length * cell + GAP];
  const data = new Uint8Array(width * height * 3).fill(PAPER);
  for (const [row, line] of tiles.entries()) {
    for (const [column, tile] of line.entries()) {
      paste(data, width, tile, GAP + column * cell, GAP + row * cell);
    }
  }
  const png = encode({ width, height, data, channels: 3, depth: 8 });
  return { name: "contact-sheet.png", mediaType: "image/png", base64: Buffer.from(png).toString("base64") };
}

/** The schema of the output has checked that it can be decoded. */
const readTile = (base64: string): Pixels => decodePng(pictureOnly(Buffer.from(base64, "base64")));

function paste(sheet: Uint8Array, sheetWidth: number, tile: Pixels, left: number, top: number): void {
  for (let y = 0; y < tile.height; y++) {
    for (let x = 0; x < tile.width; x++) {
      const from = (y * tile.width + x) * tile.channels;
      const to = ((top + y) * sheetWidth + left + x) * 3;
      for (let channel = 0; channel < 3; channel++) sheet[to + channel] = tile.data[from + channel] ?? 0;
    }
  }
}
