import { exifOrientation } from "./exif.ts";
import type { ImageHeader } from "./image-header.ts";

/** A progressive JPEG has about ten scans. Each costs the time of a whole picture, however few bytes it has. */
const MOST_SCANS = 32;

const [START, END, SCAN, EXIF] = [0xd8, 0xd9, 0xda, 0xe1];
/** Baseline, extended and progressive, each with Huffman codes. */
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
/** The other ways to code a frame: lossless, hierarchical, arithmetic. */
const OTHER_FRAMES: ReadonlySet<number> = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);

/** Whether a file starts like a JPEG. */
export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === START && bytes[2] === 0xff;

/**
 * The header of a JPEG whose segments are complete up to the end of the image; what comes after (previews of some
 * cameras) is nobody's business.
 *
 * @throws {Error} that says what is wrong or not supported.
 */
export function readJpegHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Pick<ImageHeader, "width" | "height"> | undefined;
  let orientation = 1;
  let scans = 0;
  for (let at = 2; ;) {
    const marker = markerAt(bytes, at);
    if (marker.code === END) break;
    at = marker.end + 2;
    const length = at <= bytes.length ? view.getUint16(marker.end) : Infinity;
    const end = marker.end + length;
    if (length < 2 || end > bytes.length) throw new Error("the file ends in the middle");
    const data = bytes.subarray(at, end);
    if (OTHER_FRAMES.has(marker.code))
      throw new Error("it is neither baseline nor progressive: save it as one of these");
    if (FRAMES.has(marker.code)) {
      if (frame !== undefined) throw new Error("it has two frames");
      frame = readFrame(data);
    }
    if (marker.code === EXIF && orientation === 1) orientation = exifOrientation(data);
    at = end;
    if (marker.code !== SCAN) continue;
    scans += 1;
    if (scans > MOST_SCANS) throw new Error(`it has more than ${MOST_SCANS} scans`);
    at = endOfScan(bytes, at);
  }
  if (frame === undefined || scans === 0) throw new Error("it has no picture");
  return { ...frame, orientation };
}

/** The marker at this place, any number of fill bytes before it. */
function markerAt(bytes: Uint8Array, start: number): { readonly code: number; readonly end: number } {
  let at = start;
  while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
  const code = bytes[at + 1];
  if (code === undefined) throw new Error("the file ends in the middle");
  if (bytes[at] !== 0xff || code === 0) throw new Error("it is damaged");
  return { code, end: at + 2 };
}

/** Coded pixels go on to the next marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    const goesOn = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!goesOn) return at;
  }
  throw new Error("the file ends in the middle");
}

function readFrame(data: Uint8Array): Pick<ImageHeader, "width" | "height"> {
  if (data.length < 6) throw new Error("it is damaged");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [bits, components] = [view.getUint8(0), view.getUint8(5)];
  if (bits !== 8) throw new Error(`it has ${bits} bits a colour: save it with 8`);
  if (components !== 1 && components !== 3) throw new Error("it is neither grey nor RGB: convert its colours");
  return { height: view.getUint16(1), width: view.getUint16(3) };
}
