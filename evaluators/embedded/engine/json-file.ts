import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ModelError } from "./model-error.ts";

export const CONFIG_FILE = "config.json";
const MAXIMUM_JSON_BYTES = 1024 * 1024;

/** Path of a plain file in somebody's model folder; a missing one or a link is MALFORMED_MODEL. */
export function modelFile(folder: string, name: string): string {
  const path = join(folder, name);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ModelError("MALFORMED_MODEL", `The folder has no ${name}.`);
  if (!stat.isFile()) throw new ModelError("MALFORMED_MODEL", `${name} is not a plain file.`);
  return path;
}

/** A parsed JSON file of a model folder, by default of at most 1 MiB. */
export function readJsonFile(folder: string, name: string, maximumBytes = MAXIMUM_JSON_BYTES): unknown {
  const bytes = readFileSync(modelFile(folder, name));
  if (bytes.byteLength > maximumBytes)
    throw new ModelError("MALFORMED_MODEL", `${name} has ${bytes.byteLength} bytes, at most ${maximumBytes}.`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ModelError("MALFORMED_MODEL", `${name} is not JSON.`, { cause: error });
  }
}

const config = z.record(z.string(), z.unknown());

/** A submission's config.json; what is no object is WRONG_ARCHITECTURE. */
export function readConfigFile(folder: string): Readonly<Record<string, unknown>> {
  const parsed = config.safeParse(readJsonFile(folder, CONFIG_FILE));
  if (!parsed.success) throw new ModelError("WRONG_ARCHITECTURE", `${CONFIG_FILE} is no object.`);
  return parsed.data;
}
