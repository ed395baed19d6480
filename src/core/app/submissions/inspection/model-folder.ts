import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { err, ok, type Result } from "../../../domain/index.ts";
import type { UploadFile } from "../../records.ts";
import { parseStrictJson, readTensors, type TensorFact } from "../safetensors/index.ts";

const LARGEST_CONFIG = 4 * 1024 * 1024;

/** Names under which a config can ask for code of its own to be run. */
const CODE_HOOKS = ["auto_map", "trust_remote_code", "custom_pipelines"];

/** A sealed model as intake sees it: names, and ways to read. Errors are sentences about the files. */
export interface ModelFolder {
  readonly names: ReadonlySet<string>;
  /** A JSON object from a small file without code hooks. */
  readConfig(name: string): Promise<Result<Readonly<Record<string, unknown>>, string>>;
  readTensors(name: string): Promise<Result<readonly TensorFact[], string>>;
}

/** @param open gives a file's bytes; what it throws passes through. */
export function modelFolder(files: readonly UploadFile[], open: (file: UploadFile) => Promise<Readable>): ModelFolder {
  const find = (name: string): Result<UploadFile, string> => {
    const file = files.find(({ path }) => path === name);
    return file ? ok(file) : err(`expected ${name}, found only ${files.map(({ path }) => path).join(", ")}`);
  };
  return {
    names: new Set(files.map(({ path }) => path)),
    async readConfig(name) {
      const file = find(name);
      if (!file.ok) return file;
      if (file.value.bytes > LARGEST_CONFIG) {
        return err(`expected ${name} of at most ${LARGEST_CONFIG} bytes, found ${file.value.bytes}`);
      }
      return parseConfig(name, await buffer(await open(file.value)));
    },
    async readTensors(name) {
      const file = find(name);
      if (!file.ok) return file;
      const tensors = await readTensors(await open(file.value), file.value.bytes);
      return tensors.ok ? tensors : err(`${name} is refused: ${tensors.error}`);
    },
  };
}

function parseConfig(name: string, bytes: Uint8Array): Result<Readonly<Record<string, unknown>>, string> {
  const json = parseStrictJson(bytes);
  if (!json.ok) return err(`${name} is refused: ${json.error}`);
  if (!isObject(json.value)) return err(`expected ${name} to hold a JSON object`);
  const hook = findHook(json.value);
  return hook === null ? ok(json.value) : err(`${name} has ${hook}: models that bring code are refused`);
}

function findHook(value: unknown): string | null {
  if (Array.isArray(value)) return value.map(findHook).find((hook) => hook !== null) ?? null;
  if (!isObject(value)) return null;
  return CODE_HOOKS.find((hook) => hook in value) ?? findHook(Object.values(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
