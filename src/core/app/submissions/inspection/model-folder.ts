import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { err, ok, parseStrictJson, type Result } from "../../../domain/index.ts";
import type { UploadFile } from "../../records.ts";
import { readTensors, type TensorFact } from "../safetensors/index.ts";

const LARGEST_CONFIG = 4 * 1024 * 1024;

/** A sealed model as intake sees it: names, and ways to read. Errors are sentences about the files. */
export interface ModelFolder {
  readonly names: ReadonlySet<string>;
  readonly files: readonly UploadFile[];
  /** Up to `most` bytes from a file's beginning. */
  readStart(name: string, most: number): Promise<Uint8Array>;
  /** All of a small file. */
  readBytes(name: string, most: number): Promise<Result<Uint8Array, string>>;
  /** A JSON object from a file of at most `most` bytes (default 4 MiB). */
  readConfig(name: string, most?: number): Promise<Result<Readonly<Record<string, unknown>>, string>>;
  readTensors(name: string): Promise<Result<readonly TensorFact[], string>>;
}

/** @param open gives a file's bytes; what it throws passes through. */
export function modelFolder(files: readonly UploadFile[], open: (file: UploadFile) => Promise<Readable>): ModelFolder {
  const find = (name: string): Result<UploadFile, string> => {
    const file = files.find(({ path }) => path === name);
    return file ? ok(file) : err(`expected ${name}, found only ${files.map(({ path }) => path).join(", ")}`);
  };
  const readBytes: ModelFolder["readBytes"] = async (name, most) => {
    const file = find(name);
    if (!file.ok) return file;
    if (file.value.bytes > most) return err(`expected ${name} of at most ${most} bytes, found ${file.value.bytes}`);
    return ok(await buffer(await open(file.value)));
  };
  return {
    names: new Set(files.map(({ path }) => path)),
    files,
    readBytes,
    async readStart(name, most) {
      const file = find(name);
      return file.ok ? readStart(await open(file.value), most) : new Uint8Array();
    },
    async readConfig(name, most = LARGEST_CONFIG) {
      const bytes = await readBytes(name, most);
      return bytes.ok ? parseConfig(name, bytes.value) : bytes;
    },
    async readTensors(name) {
      const file = find(name);
      if (!file.ok) return file;
      const tensors = await readTensors(await open(file.value), file.value.bytes);
      return tensors.ok ? tensors : err(`${name} is refused: ${tensors.error}`);
    },
  };
}

async function readStart(stream: Readable, most: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream: the rest is not read.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

function parseConfig(name: string, bytes: Uint8Array): Result<Readonly<Record<string, unknown>>, string> {
  const json = parseStrictJson(bytes);
  if (!json.ok) return err(`${name} is refused: ${json.error}`);
  return isObject(json.value) ? ok(json.value) : err(`expected ${name} to hold a JSON object`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
