import type { BaseModelInfo } from "../../ports.ts";
import { findCodeHook } from "./code-hooks.ts";
import { BEGINNING_BYTES, foreignFormat } from "./foreign-format.ts";
import { malformed, swapped, unsafe, type Inspection } from "./inspection.ts";
import type { ModelFolder } from "./model-folder.ts";
import { tokenizerDifference } from "./tokenizer.ts";

const MiB = 1024 * 1024;
const LARGEST_TOKENIZER = 48 * MiB;
const LARGEST_OTHER_JSON = 4 * MiB;
/** Texts, and what evaluators read: they refuse larger ones too. */
const LARGEST_TEXT = MiB;
const READ_BY_EVALUATORS: ReadonlySet<string> = new Set(["config.json", "adapter_config.json"]);

/** A line for each half of each merge, with blanks in front of it, where the base has them side by side. */
const LARGER_WHEN_SAVED_AGAIN = 8;

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
    const format = foreignFormat(path, await folder.readStart(path, BEGINNING_BYTES));
    if (format !== null) return unsafe(`${path} is ${format}: models that could bring code are refused`);
    if (path.endsWith(".safetensors")) continue;
    const most = largest(path, base);
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

function largest(path: string, base: BaseModelInfo): number {
  if (VOCABULARY.has(path)) {
    const own = base.files.filter((file) => VOCABULARY.has(file.path)).map(({ bytes }) => bytes);
    return Math.min(LARGEST_TOKENIZER, MiB + LARGER_WHEN_SAVED_AGAIN * Math.max(0, ...own));
  }
  return path.endsWith(".json") && !READ_BY_EVALUATORS.has(path) ? LARGEST_OTHER_JSON : LARGEST_TEXT;
}
