import { inflateSync } from "node:zlib";
import { convertIndexedToRgb, decode } from "fast-png";
import { exifOrientation } from "./exif.ts";
import { sideProblem } from "./image-header.ts";
import { withoutIdleAlpha, type Pixels } from "./pixels.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CHUNK_OVERHEAD = 12;
/** Numbers of a pixel by colour type; a palette's is its index. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Far more than a picture is cut into. */
const MOST_CHUNKS = 65_536;
/** What a colour profile or a comment may decompress to: the limit that Pillow has as well. */
const MOST_EXTRA_BYTES = 1024 * 1024;
const PALETTE = 3;
const GREY = 0;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** What IHDR says. */
interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
}

/** Whether a file starts like a PNG. */
export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, index) => bytes[index] === byte);

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
  if (!isPng(bytes)) throw new Error("it starts like another kind of file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; chunks.at(-1)?.type !== "IEND";) {
    const length = at + CHUNK_OVERHEAD <= bytes.length ? view.getUint32(at) : Infinity;
    if (at + CHUNK_OVERHEAD + length > bytes.length) throw new Error("the file ends in the middle");
    const type = String.fromCodePoint(...bytes.subarray(at + 4, at + 8));
    if (chunks.length === MOST_CHUNKS) throw new Error(`it has more than ${MOST_CHUNKS} chunks`);
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += CHUNK_OVERHEAD + length;
  }
  return chunks;
}

function readHeader(first: Chunk | undefined): Header {
  if (first?.type !== "IHDR" || first.data.length !== 13) throw new Error("it has no header");
  const view = new DataView(first.data.buffer, first.data.byteOffset, first.data.byteLength);
  return { width: view.getUint32(0), height: view.getUint32(4), depth: view.getUint8(8), colour: view.getUint8(9) };
}

function headerProblem({ width, height, depth, colour }: Header): string | null {
  if (CHANNELS[colour] === undefined) return `must have a colour type of PNG, found ${colour}`;
  if (colour === GREY && depth < 8) return `must have at least 8 bits a grey pixel, found ${depth}`;
  return sideProblem({ width, height });
}

function chunkProblem(chunks: readonly Chunk[]): string | null {
  for (const [index, chunk] of chunks.entries()) {
    if (chunk.type === "acTL") return "must be a still image, found an animation";
    if (chunk.type === "IHDR" && index > 0) return "must have one header, found another one";
    const packed = packedPart(chunk);
    if (packed !== undefined && inflatesBeyond(packed, MOST_EXTRA_BYTES))
      return `must not have a ${chunk.type} chunk of more than ${MOST_EXTRA_BYTES} bytes when decompressed`;
  }
  return null;
}

/** Compressed data beside the pixels, which decoders unpack too: colour profiles and comments. */
function packedPart({ type, data }: Chunk): Uint8Array | undefined {
  const afterName = data.indexOf(0) + 1;
  if (type === "iCCP" || type === "zTXt") return data.subarray(afterName + 1);
  if (type !== "iTXt" || data[afterName] !== 1) return undefined;
  const afterLanguage = data.indexOf(0, afterName + 2) + 1;
  return data.subarray(data.indexOf(0, afterLanguage) + 1);
}

/** Whether data decompress to more bytes than this; damaged ones don't. */
function inflatesBeyond(data: Uint8Array, most: number): boolean {
  try {
    inflateSync(data, { maxOutputLength: most });
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
  }
}

/** The orientation that EXIF data of a PNG without problems give. */
export function pngOrientation(bytes: Uint8Array): number {
  const exif = readChunks(bytes).find(({ type }) => type === "eXIf");
  return exif === undefined ? 1 : exifOrientation(exif.data);
}

/** Whether a PNG without problems has one transparent colour instead of an alpha channel: not all readers honour it. */
export function hasColourKey(bytes: Uint8Array): boolean {
  const [header, ...chunks] = readChunks(bytes);
  return header?.data[9] !== PALETTE && chunks.some(({ type }) => type === "tRNS");
}

/** Pixels of a PNG without problems: palettes are looked up, 16 bits rounded to 8, grey becomes three equal channels. */
export function decodePng(bytes: Uint8Array): Pixels {
  const png = decode(bytes);
  const { width, height, depth, transparency } = png;
  const indexed = png.palette !== undefined;
  const source = indexed ? convertIndexedToRgb(png) : png.data;
  const channels = source.length / (width * height);
  const colours = channels >= 3 ? 3 : 1;
  const most = indexed ? 255 : 2 ** depth - 1;
  const data = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = (channel: number): number => source[pixel * channels + (colours === 3 ? channel : 0)] ?? 0;
    const key = !indexed && transparency?.every((value, channel) => value === at(channel)) === true;
    const alpha = channels === colours ? most : (source[pixel * channels + colours] ?? 0);
    for (let channel = 0; channel < 3; channel++) data[pixel * 4 + channel] = Math.round((255 * at(channel)) / most);
    data[pixel * 4 + 3] = key ? 0 : Math.round((255 * alpha) / most);
  }
  return withoutIdleAlpha({ width, height, data });
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
