import { convertIndexedToRgb, decode, encode } from "fast-png";
import type { Picture } from "./patches.ts";
import type { RgbImage } from "./resize.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER_BYTES = 33;
const [COLOUR_TYPE_AT, PALETTE] = [25, 3];

/** Largest number of pixels that is decoded. */
const MAXIMUM_PIXELS = 4096 * 4096;

/**
 * Pixels of a PNG as 8-bit RGB: transparent ones over white, grey as three equal channels, 16 bits rounded to 8.
 *
 * @throws {Error} that says what is wrong; a file that claims more than 4096 x 4096 pixels is not decoded at all.
 */
export function decodePng(bytes: Uint8Array): RgbImage {
  const { height, width } = pngSize(bytes);
  if (height * width > MAXIMUM_PIXELS)
    throw new Error(`an image of ${width} x ${height} pixels has more than ${MAXIMUM_PIXELS}`);
  const png = decode(bytes, { checkCrc: true });
  // Pictures of full colours may have a palette too: for screens of few.
  const indexed = bytes[COLOUR_TYPE_AT] === PALETTE;
  const source = indexed ? convertIndexedToRgb(png) : png.data;
  const channels = source.length / (height * width);
  if (!Number.isInteger(channels)) throw new Error("the image's data stop early");
  const most = indexed ? 255 : 2 ** png.depth - 1;
  const data = new Uint8Array(height * width * 3);
  const hasAlpha = channels === 2 || channels === 4;
  const colours = hasAlpha ? channels - 1 : channels;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const alpha = hasAlpha ? (source[pixel * channels + colours] ?? 0) / most : 1;
    for (let channel = 0; channel < 3; channel++) {
      const value = (source[pixel * channels + (colours === 3 ? channel : 0)] ?? 0) / most;
      data[pixel * 3 + channel] = Math.round(255 * (value * alpha + 1 - alpha));
    }
  }
  return { height, width, data };
}

/** Sides that a PNG's header claims. */
function pngSize(bytes: Uint8Array): { readonly height: number; readonly width: number } {
  if (bytes.length < HEADER_BYTES || SIGNATURE.some((byte, i) => bytes[i] !== byte)) throw new Error("not a PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** A picture as base64 of an 8-bit PNG; what lies beyond [-1, 1] is cut off. */
export function encodePicture({ height, width, values }: Picture): string {
  const data = Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5))));
  return Buffer.from(encode({ width, height, data, channels: 3, depth: 8 })).toString("base64");
}
