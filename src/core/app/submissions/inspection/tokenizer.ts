import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson } from "../../../domain/index.ts";
import type { BaseModelInfo } from "../../ports.ts";

type Config = Readonly<Record<string, unknown>>;

/**
 * What is wrong with a tokenizer file that comes with a model, as a sentence; null for other files. Evaluators use the
 * base's tokenizer, so a swapped one gains nothing: it would only harm whoever runs the model later. Saving a tokenizer
 * again changes how it pads and truncates, and that may differ.
 */
export async function tokenizerDifference(path: string, found: Config, base: BaseModelInfo): Promise<string | null> {
  if (path !== "tokenizer.json" && path !== "vocab.json") return null;
  const entries = path === "vocab.json" ? found : (partOf(found, "model")["vocab"] ?? {});
  const known = Number(base.config["vocab_size"] ?? Infinity);
  const count = isConfig(entries) ? Object.keys(entries).length : 0;
  if (count > known) return `expected a vocabulary of at most ${known} as in the base, found ${count} in ${path}`;
  if (!base.files.some((file) => file.path === path)) return null;
  const own: unknown = JSON.parse(await readFile(join(base.path, path), "utf8"));
  const same = essence(path, found) === essence(path, own as Config); // the operator's own model
  return same ? null : `expected the base's tokenizer, found another in ${path}: leave it out, or send the base's`;
}

/** What decides how a text is cut into tokens, as canonical JSON. */
function essence(path: string, tokenizer: Config): string {
  if (path === "vocab.json") return canonical(tokenizer);
  const { merges, ...rest } = partOf(tokenizer, "model");
  // Newer files say more of what is off.
  const used = Object.fromEntries(Object.entries(rest).filter(([, setting]) => Boolean(setting)));
  const added = Array.isArray(tokenizer["added_tokens"]) ? tokenizer["added_tokens"] : [];
  return canonical({
    model: { ...used, merges: Array.isArray(merges) ? merges.map(mergeText) : merges },
    added: added.map((token: unknown) => (isConfig(token) ? [token["id"], token["content"]] : token)),
    normalizer: tokenizer["normalizer"] ?? null,
    preTokenizer: tokenizer["pre_tokenizer"] ?? null,
  });
}

/** Older files say "a b", newer ones ["a", "b"]. */
const mergeText = (merge: unknown): unknown =>
  Array.isArray(merge) && merge.every((part) => typeof part === "string") ? merge.join(" ") : merge;

function partOf(config: Config, key: string): Config {
  const part = config[key];
  return isConfig(part) ? part : {};
}

const isConfig = (value: unknown): value is Config => typeof value === "object" && value !== null;

/** Values from JSON are JSON; what is missing is left out. */
const canonical = (value: object): string => canonicalJson(JSON.parse(JSON.stringify(value)));
