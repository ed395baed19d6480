import { exifOrientation } from "./exif.ts";
import type { ImageHeader } from "./image-header.ts";

const CHUNK_HEADER = 8;
const [ANIMATION_FLAG, LOSSLESS_MARK] = [0x02, 0x2f];

/** Whether a file starts like a WebP. */
export const isWebp = (bytes: Uint8Array): boolean => fourAt(bytes, 0) === "RIFF" && fourAt(bytes, 8) === "WEBP";

/**
 * The header of a still WebP, lossy or lossless, whose chunks are complete.
 *
 * @throws {Error} that says what is wrong or not supported.
 */
export function readWebpHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length >= 12 ? CHUNK_HEADER + view.getUint32(4, true) : Infinity;
  if (end > bytes.length) throw new Error("the file ends in the middle");
  let size: Pick<ImageHeader, "width" | "height"> | undefined;
  let canvas: Pick<ImageHeader, "width" | "height"> | undefined;
  let orientation = 1;
  for (let at = 12; at + CHUNK_HEADER <= end;) {
    const type = fourAt(bytes, at);
    const length = view.getUint32(at + 4, true);
    const from = at + CHUNK_HEADER;
    if (from + length > end) throw new Error("the file ends in the middle");
    const data = bytes.subarray(from, from + length);
    if (type === "VP8X") canvas = readCanvas(data);
    if (type === "VP8 " || type === "VP8L") {
      if (size !== undefined) throw new Error("it has two pictures");
      size = type === "VP8 " ? readLossy(data) : readLossless(data);
    }
    if (type === "EXIF") orientation = exifOrientation(data);
    // Chunks of an odd length have a byte after them.
    at = from + length + (length % 2);
  }
  if (size === undefined) throw new Error("it has no picture");
  if (canvas !== undefined && (canvas.width !== size.width || canvas.height !== size.height))
    throw new Error("its picture is of another size than its canvas");
  return { ...size, orientation };
}

function readCanvas(data: Uint8Array): Pick<ImageHeader, "width" | "height"> {
  const view = viewOf(data, 10);
  if ((view.getUint8(0) & ANIMATION_FLAG) !== 0) throw new Error("it is an animation: send a still image");
  const side = (at: number): number => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  return { width: side(4), height: side(7) };
}

function readLossy(data: Uint8Array): Pick<ImageHeader, "width" | "height"> {
  const view = viewOf(data, 10);
  // The upper two bits say how a player would scale it.
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
}

function readLossless(data: Uint8Array): Pick<ImageHeader, "width" | "height"> {
  const view = viewOf(data, 5);
  if (view.getUint8(0) !== LOSSLESS_MARK) throw new Error("it is damaged");
  const bits = view.getUint32(1, true);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function viewOf(data: Uint8Array, least: number): DataView {
  if (data.length < least) throw new Error("it is damaged");
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

const fourAt = (bytes: Uint8Array, at: number): string => String.fromCodePoint(...bytes.subarray(at, at + 4));
