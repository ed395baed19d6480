import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export type DatasetName = "translate-names" | "definitions" | "arithmetic" | "preferences";

export const modelFolder = join(root, "models", "gradients-demo", "tiny-llama");
export const buildLogPath = join(modelFolder, "build.log");

export const rowsPath = (dataset: DatasetName): string => join(root, "datasets", dataset, "rows.jsonl");
export const familyPath = (dataset: Exclude<DatasetName, "preferences">): string =>
  join(root, "datasets", dataset, "family.json");
