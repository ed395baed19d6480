import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export const modelFolder = join(root, "models", "gradients-demo", "tiny-dit");
export const buildLogPath = join(modelFolder, "build.log");
export const modelFiles = [
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "model.safetensors",
] as const;

/** The demo's image datasets, `datasets/emoji-<name>`. */
export const datasetNames = ["smileys", "gestures"] as const;
export type ImageDatasetName = (typeof datasetNames)[number];

export const rowsPath = (name: ImageDatasetName): string => join(root, "datasets", `emoji-${name}`, "rows.jsonl");
