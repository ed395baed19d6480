import { inflateSync } from "node:zlib";
import { convertIndexedToRgb, decode } from "fast-png";
import { exifOrientation } from "./exif.ts";
import { sideProblem } from "./image-header.ts";
import { withoutIdleAlpha, type Pixels } from "./pixels.ts";

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CHUNK_OVERHEAD = 12;
/** Numbers of a pixel by colour type; a palette's is its index. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Far more than a picture is cut into. */
const MOST_CHUNKS = 65_536;
/** What makes the pixels, in the format's order; all else (profiles, comments, EXIF data) is nothing that a decoder needs. */
const PICTURE = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
const MOST_COLOURS = 256;
const ANIMATION: ReadonlySet<string> = new Set(["acTL", "fcTL", "fdAT"]);
const PALETTE = 3;

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** All of it, with length and checksum. */
  readonly whole: Uint8Array;
}

/** What IHDR says. */
interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
}

/** Whether a file starts like a PNG. */
export const isPng = (bytes: Uint8Array): boolean => PNG_SIGNATURE.every((byte, index) => bytes[index] === byte);

/**
 * What is wrong with a PNG file, as a sentence; null where it can be used. Sizes are read from the header before
 * anything is decoded, and the pixel data may not decompress to more than these sizes amount to.
 */
export function pngProblem(bytes: Uint8Array): string | null {
  try {
    const chunks = readChunks(bytes);
    const header = readHeader(chunks[0]);
    return headerProblem(header) ?? chunkProblem(chunks, header) ?? pixelProblem(bytes, chunks, header);
  } catch (error) {
    return `must be an intact PNG: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The chunks up to IEND. @throws {Error} where the file is no PNG or ends early. */
function readChunks(bytes: Uint8Array): readonly Chunk[] {
  if (!isPng(bytes)) throw new Error("it starts like another kind of file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = PNG_SIGNATURE.length; chunks.at(-1)?.type !== "IEND";) {
    const length = at + CHUNK_OVERHEAD <= bytes.length ? view.getUint32(at) : Infinity;
    if (at + CHUNK_OVERHEAD + length > bytes.length) throw new Error("the file ends in the middle");
    const type = String.fromCodePoint(...bytes.subarray(at + 4, at + 8));
    if (chunks.length === MOST_CHUNKS) throw new Error(`it has more than ${MOST_CHUNKS} chunks`);
    const end = at + CHUNK_OVERHEAD + length;
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length), whole: bytes.subarray(at, end) });
    at = end;
  }
  return chunks;
}

function readHeader(first: Chunk | undefined): Header {
  if (first?.type !== "IHDR" || first.data.length !== 13) throw new Error("it has no header");
  const view = new DataView(first.data.buffer, first.data.byteOffset, first.data.byteLength);
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: view.getUint8(8),
    colour: view.getUint8(9),
    interlaced: view.getUint8(12) !== 0,
  };
}

function headerProblem({ width, height, depth, colour, interlaced }: Header): string | null {
  if (CHANNELS[colour] === undefined) return `must have a colour type of PNG, found ${colour}`;
  if (colour !== PALETTE && depth < 8) return `must have at least 8 bits a channel, found ${depth}`;
  if (interlaced && depth < 8) return `must not be interlaced with ${depth} bits a pixel: save it without interlacing`;
  return sideProblem({ width, height });
}

function chunkProblem(chunks: readonly Chunk[], { colour }: Header): string | null {
  if (chunks.some(({ type }) => ANIMATION.has(type))) return "must be a still image, found an animation";
  const types = pictureChunks(chunks, colour).map(({ type }) => type);
  // Pixels may be cut into any number of chunks.
  const parts = types.filter((type, index) => type !== "IDAT" || types[index - 1] !== "IDAT");
  // Decoders take a palette behind the pixels for one, or for none.
  if (parts.some((type, index) => index > 0 && PICTURE.indexOf(type) <= PICTURE.indexOf(parts[index - 1] ?? "")))
    return `must have ${PICTURE.join(", ")} in this order, each once, found ${parts.slice(0, 10).join(", ")}`;
  if (colour !== PALETTE) return null;
  const palette = chunks.find(({ type }) => type === "PLTE");
  if (palette === undefined) return "must have a palette for its colours, found none";
  const colours = palette.data.length / 3;
  return colours > MOST_COLOURS ? `must have at most ${MOST_COLOURS} colours in its palette, found ${colours}` : null;
}

/** Without the palette that a picture of full colours may have for screens of few. */
const pictureChunks = (chunks: readonly Chunk[], colour: number): readonly Chunk[] =>
  chunks.filter(({ type }) => PICTURE.includes(type) && (type !== "PLTE" || colour === PALETTE));

/**
 * The same picture without what is around it: the same object where there is nothing. Decoders unpack profiles and comments
 * as well, each with limits of its own, so what one of them reads another one may refuse.
 */
export function pictureOnly(bytes: Uint8Array): Uint8Array {
  const chunks = readChunks(bytes);
  const kept = pictureChunks(chunks, readHeader(chunks[0]).colour);
  const parts = [PNG_SIGNATURE, ...kept.map(({ whole }) => whole)];
  const length = parts.reduce((total, part) => total + part.length, 0);
  return length === bytes.length ? bytes : Buffer.concat(parts, length);
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

/** Pixels of a PNG that is nothing but a picture without problems: palettes are looked up, 16 bits rounded to 8, grey becomes three equal channels. */
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
  const png = decode(pictureOnly(bytes), { checkCrc: true });
  // Looks each index up.
  if (png.palette !== undefined) convertIndexedToRgb(png);
  return null;
}
