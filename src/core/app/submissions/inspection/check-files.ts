import type { BaseModelInfo } from "../../ports.ts";
import { findCodeHook } from "./code-hooks.ts";
import { BEGINNING_BYTES, foreignFormat } from "./foreign-format.ts";
import { malformed, swapped, unsafe, type Inspection } from "./inspection.ts";
import type { ModelFolder } from "./model-folder.ts";
import { tokenizerDifference } from "./tokenizer.ts";

const MiB = 1024 * 1024;
const LARGEST_TEXT = MiB;
const LARGEST_TOKENIZER = 48 * MiB;

/** Files that grow with the vocabulary. */
const VOCABULARY: ReadonlySet<string> = new Set(["tokenizer.json", "vocab.json", "merges.txt", "tokenizer.model"]);

/**
 * Looks at every file of a sealed model, also at those that no evaluator opens: whoever gets the model later opens them.
 * Null where nothing is wrong; weights and their configs are for the inspection of the kind.
 */
export async function checkFiles(folder: ModelFolder, base: BaseModelInfo): Promise<Inspection | null> {
  for (const { path, bytes, sha256 } of folder.files) {
    // The base's own file needs no look.
    if (base.files.some((file) => file.path === path && file.sha256 === sha256)) continue;
    const format = foreignFormat(await folder.readStart(path, BEGINNING_BYTES));
    if (format !== null) return unsafe(`${path} is ${format}: models that could bring code are refused`);
    if (path.endsWith(".safetensors")) continue;
    const most = largest(path);
    if (bytes > most) return malformed(`expected ${path} of at most ${most} bytes, found ${bytes}`);
    if (!path.endsWith(".json")) continue;
    const config = await folder.readConfig(path, most);
    if (!config.ok) return malformed(config.error);
    const hook = findCodeHook(config.value);
    if (hook !== null) return unsafe(`${path} has ${hook}: models that bring code are refused`);
    const difference = await tokenizerDifference(path, config.value, base);
    if (difference !== null) return swapped(difference);
  }
  return null;
}

function largest(path: string): number {
  if (VOCABULARY.has(path)) return LARGEST_TOKENIZER;
  return path.endsWith(".json") ? 4 * MiB : LARGEST_TEXT;
}
