import { err, ok, type Result } from "../../core/domain/index.ts";
import { decodeJpeg, decodeWebp } from "./decoders.ts";
import { sideProblem, type ImageHeader } from "./image-header.ts";
import { isJpeg, readJpegHeader } from "./jpeg.ts";
import { IMAGE_LIMITS } from "./params.ts";
import { turnUpright, type Pixels } from "./pixels.ts";
import { decodePng, hasColourKey, isPng, pictureOnly, pngOrientation, pngProblem } from "./png.ts";
import { isWebp, readWebpHeader } from "./webp.ts";
import { writePng } from "./write-png.ts";

interface Format {
  readonly name: string;
  readonly is: (bytes: Uint8Array) => boolean;
  readonly header: (bytes: Uint8Array) => ImageHeader;
  readonly decode: (bytes: Uint8Array, header: ImageHeader) => Pixels;
}

const CONVERTED: readonly Format[] = [
  { name: "JPEG", is: isJpeg, header: readJpegHeader, decode: decodeJpeg },
  { name: "WebP", is: isWebp, header: readWebpHeader, decode: decodeWebp },
];

/**
 * The picture as an upright PNG: a PNG that is one already keeps its pixels' bytes (and is the same object where it has
 * nothing else), one that EXIF data turn or that has a transparent colour is written anew, JPEG and WebP are decoded. The error is a sentence. Sizes are
 * read from headers before anything is decoded.
 */
export function toUprightPng(bytes: Uint8Array): Result<Uint8Array, string> {
  if (isPng(bytes)) return pngAsItShouldBe(bytes);
  const format = CONVERTED.find(({ is }) => is(bytes));
  if (format === undefined) return err(`must be a PNG, JPEG or WebP file, found ${otherKind(bytes)}`);
  try {
    const header = format.header(bytes);
    const problem = sideProblem(header);
    if (problem !== null) return err(problem);
    return written(turnUpright(format.decode(bytes, header), header.orientation));
  } catch (error) {
    return err(`must be an intact ${format.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function pngAsItShouldBe(bytes: Uint8Array): Result<Uint8Array, string> {
  const problem = pngProblem(bytes);
  if (problem !== null) return err(problem);
  const picture = pictureOnly(bytes);
  const orientation = pngOrientation(bytes);
  if (orientation === 1 && !hasColourKey(picture)) return ok(picture);
  return written(turnUpright(decodePng(picture), orientation));
}

function written(pixels: Pixels): Result<Uint8Array, string> {
  const png = writePng(pixels);
  const { mostBytes } = IMAGE_LIMITS;
  const { width, height } = pixels;
  if (png.length <= mostBytes) return ok(png);
  return err(`must have at most ${mostBytes} bytes as PNG, found ${png.length} (${width} x ${height}): scale it down`);
}

function otherKind(bytes: Uint8Array): string {
  const start = String.fromCodePoint(...bytes.subarray(0, 12));
  if (start.startsWith("GIF8")) return "a GIF";
  if (start.startsWith("BM")) return "a BMP";
  if (start.startsWith("II*\0") || start.startsWith("MM\0*")) return "a TIFF";
  if (start.slice(4).startsWith("ftyp")) return "a HEIC, AVIF or video";
  if (/^\s*</.test(start)) return "markup such as SVG";
  return "another kind of file";
}
