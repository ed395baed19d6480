import { type PngParts, writtenPng } from "./written-png.ts";

const wave = (_: unknown, i: number): number => Math.round((255 * (1 + Math.sin(i * 0.37) * Math.cos(i * 0.011))) / 2);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, wave);

const palette = {
  PLTE: Uint8Array.from({ length: 16 * 3 }, (_, i) => (i * 77) % 256),
  tRNS: Uint8Array.from({ length: 16 }, (_, i) => i * 17),
};
const indices = Uint8Array.from({ length: 36 * 36 }, (_, i) => (i * 7 + (i >> 5)) % 16);

const KINDS: Readonly<Record<string, PngParts>> = {
  "wide colours": { width: 90, height: 40, depth: 8, colourType: 2, data: bytes(90 * 40 * 3) },
  "small, tall colours": { width: 9, height: 20, depth: 8, colourType: 2, data: bytes(9 * 20 * 3) },
  "colours with alpha": { width: 32, height: 32, depth: 8, colourType: 6, data: bytes(32 * 32 * 4) },
  grey: { width: 50, height: 50, depth: 8, colourType: 0, data: bytes(50 * 50) },
  "grey with alpha": { width: 33, height: 31, depth: 8, colourType: 4, data: bytes(33 * 31 * 2) },
  "a palette": { width: 36, height: 36, depth: 8, colourType: 3, data: indices, chunks: { PLTE: palette.PLTE } },
  "a palette with alpha": { width: 36, height: 36, depth: 8, colourType: 3, data: indices, chunks: palette },
  "deep colours": { width: 20, height: 24, depth: 16, colourType: 2, data: bytes(20 * 24 * 6) },
  "deep colours with alpha": { width: 32, height: 20, depth: 16, colourType: 6, data: bytes(32 * 20 * 8) },
  "deep grey": { width: 40, height: 40, depth: 16, colourType: 0, data: bytes(40 * 40 * 2) },
};

/** Rows whose pictures are of every kind that evaluators must read alike: depths, channels, sizes, shapes. */
export const picturesOfEveryKind = Object.entries(KINDS).map(([caption, parts]) => ({
  image: writtenPng(parts).toString("base64"),
  caption,
}));
