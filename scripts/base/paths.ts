import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export const datasetNames = Object.freeze(["translate-names", "definitions", "arithmetic", "preferences"] as const);
export type DatasetName = (typeof datasetNames)[number];

/** The base model's files that the build writes and its log names. */
export const modelFiles = Object.freeze([
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "model.safetensors",
] as const);

export const modelFolder = join(root, "models", "gradients-demo", "tiny-llama");
export const buildLogPath = join(modelFolder, "build.log");

export const rowsPath = (dataset: DatasetName): string => join(root, "datasets", dataset, "rows.jsonl");
export const familyPath = (dataset: Exclude<DatasetName, "preferences">): string =>
  join(root, "datasets", dataset, "family.json");
