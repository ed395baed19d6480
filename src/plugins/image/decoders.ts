import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import startJpeg from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import startWebp from "@jsquash/webp/codec/dec/webp_dec.js";
import { z } from "zod";
import type { ImageHeader } from "./image-header.ts";
import { withoutIdleAlpha, type Pixels } from "./pixels.ts";

const require = createRequire(import.meta.url);

/** Starts a decoder that was compiled by Emscripten: it fills in `host`, at once where WebAssembly is instantiated at once. */
type Start = (host: object) => unknown;

const decoded = z.object({ width: z.number(), height: z.number(), data: z.instanceof(Uint8ClampedArray) }).nullable();

/** Whatever EXIF data say: they are read here, for all formats alike. */
const PIXELS_AS_STORED = false;

/** Pixels of a JPEG whose header was found to be sound. @throws {Error} that says what is wrong. */
export const decodeJpeg = createDecoder(startJpeg, "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm", PIXELS_AS_STORED);

/** Pixels of a WebP whose header was found to be sound. @throws {Error} that says what is wrong. */
export const decodeWebp = createDecoder(startWebp, "@jsquash/webp/codec/dec/webp_dec.wasm");

/**
 * Each picture gets a fresh instance of the decoder: a damaged one ends it in the middle, with whatever it held, and
 * memory that grew for a large one would stay. Instantiating takes a fraction of a millisecond.
 */
function createDecoder(start: Start, wasm: string, ...options: readonly unknown[]) {
  let compiled: WebAssembly.Module | undefined;
  return (bytes: Uint8Array, { width, height }: ImageHeader): Pixels => {
    compiled ??= new WebAssembly.Module(readFileSync(require.resolve(wasm)));
    const complaints: string[] = [];
    const decode = instantiate(start, compiled, (line) => complaints.push(line));
    const picture = decoded.parse(attempt(() => decode(bytes, ...options)));
    // Decoders go on after damage as well as they can, and say so.
    const [complaint] = complaints;
    if (complaint !== undefined) throw new Error(`it is damaged: ${complaint.slice(0, 100)}`);
    if (picture === null) throw new Error("it is damaged");
    if (picture.width !== width || picture.height !== height)
      throw new Error("its picture has another size than it says");
    return withoutIdleAlpha({ width, height, data: new Uint8Array(picture.data.buffer) });
  };
}

function instantiate(
  start: Start,
  compiled: WebAssembly.Module,
  complain: (line: string) => void,
): (...values: readonly unknown[]) => unknown {
  const host: { decode?: unknown } & Record<string, unknown> = {
    noInitialRun: true,
    print: complain,
    printErr: complain,
    instantiateWasm(
      imports: ConstructorParameters<typeof WebAssembly.Instance>[1],
      done: (instance: WebAssembly.Instance) => void,
    ) {
      const instance = new WebAssembly.Instance(compiled, imports);
      done(instance);
      return instance.exports;
    },
  };
  start(host);
  const { decode } = host;
  if (typeof decode !== "function") throw new TypeError("the decoder did not start at once");
  return (...values): unknown => decode(...values);
}

/** Null where the decoder's program ends itself, or runs into the end of its memory. */
function attempt(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    const ended = error instanceof Object && ("status" in error || ("name" in error && error.name === "RuntimeError"));
    if (ended) return null;
    throw error;
  }
}
