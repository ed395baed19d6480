import { inflateSync } from "node:zlib";
import { decode } from "fast-png";
import { IMAGE_LIMITS } from "./params.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CHUNK_OVERHEAD = 12;
/** Numbers of a pixel by colour type; a palette's is its index. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PALETTE = 3;
const GREY = 0;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
}

/**
 * What is wrong with a PNG file, as a sentence; null where it can be used. Sizes are read from the header before
 * anything is decoded, and the pixel data may not decompress to more than these sizes amount to.
 */
export function pngProblem(bytes: Uint8Array): string | null {
  try {
    const chunks = readChunks(bytes);
    const header = readHeader(chunks[0]);
    return headerProblem(header) ?? chunkProblem(chunks) ?? pixelProblem(bytes, chunks, header);
  } catch (error) {
    return `must be an intact PNG: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The chunks up to IEND. @throws {Error} where the file is no PNG or ends early. */
function readChunks(bytes: Uint8Array): readonly Chunk[] {
  if (SIGNATURE.some((byte, index) => bytes[index] !== byte)) throw new Error(`it starts like ${fileKind(bytes)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; chunks.at(-1)?.type !== "IEND";) {
    const length = at + CHUNK_OVERHEAD <= bytes.length ? view.getUint32(at) : Infinity;
    if (at + CHUNK_OVERHEAD + length > bytes.length) throw new Error("the file ends in the middle");
    const type = String.fromCodePoint(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += CHUNK_OVERHEAD + length;
  }
  return chunks;
}

function fileKind(bytes: Uint8Array): string {
  const start = String.fromCodePoint(...bytes.subarray(0, 12));
  if (start.startsWith("\xff\xd8")) return "a JPEG file: save it as PNG";
  if (start.startsWith("GIF8")) return "a GIF file: save it as PNG";
  if (start.startsWith("RIFF") && start.endsWith("WEBP")) return "a WebP file: save it as PNG";
  return "another kind of file";
}

function readHeader(first: Chunk | undefined): Header {
  if (first?.type !== "IHDR" || first.data.length !== 13) throw new Error("it has no header");
  const view = new DataView(first.data.buffer, first.data.byteOffset, first.data.byteLength);
  return { width: view.getUint32(0), height: view.getUint32(4), depth: view.getUint8(8), colour: view.getUint8(9) };
}

function headerProblem({ width, height, depth, colour }: Header): string | null {
  const { leastSide, mostSide } = IMAGE_LIMITS;
  if (Math.min(width, height) < leastSide || Math.max(width, height) > mostSide)
    return `must have sides of ${leastSide} to ${mostSide} pixels, found ${width} x ${height}`;
  if (CHANNELS[colour] === undefined) return `must have a colour type of PNG, found ${colour}`;
  if (colour === GREY && depth < 8) return `must have at least 8 bits a grey pixel, found ${depth}`;
  return null;
}

function chunkProblem(chunks: readonly Chunk[]): string | null {
  const colour = chunks[0]?.data[9];
  for (const { type, data } of chunks) {
    if (type === "acTL") return "must be a still image, found an animation";
    if (type === "tRNS" && colour !== PALETTE) return "must have an alpha channel for transparency, found a colour key";
    if (type === "eXIf" && !hasUprightOrientation(data))
      return "must be upright, found EXIF data that rotate it: rotate the pixels instead";
  }
  return null;
}

const ORIENTATION_TAG = 0x0112;
const ENTRY_BYTES = 12;

/** Whether EXIF data leave an image as it is: no orientation, or 1. */
function hasUprightOrientation(exif: Uint8Array): boolean {
  if (exif.length < 14) return true;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return true;
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (at + ENTRY_BYTES > exif.length) return true;
    if (view.getUint16(at, little) === ORIENTATION_TAG) return view.getUint16(at + 8, little) === 1;
  }
  return true;
}

function pixelProblem(bytes: Uint8Array, chunks: readonly Chunk[], header: Header): string | null {
  const { width, height, depth, colour } = header;
  const rowBytes = 1 + Math.ceil((width * (CHANNELS[colour] ?? 1) * depth) / 8);
  // Adam7 cuts an image into seven smaller ones, each with rows of its own: at most twice the bytes.
  const most = 2 * rowBytes * (height + 8);
  const compressed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  try {
    inflateSync(compressed, { maxOutputLength: most });
  } catch (error) {
    const tooLong = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    if (tooLong) return `must not decompress to more than its ${width} x ${height} pixels`;
    throw error;
  }
  decode(bytes, { checkCrc: true });
  return null;
}
