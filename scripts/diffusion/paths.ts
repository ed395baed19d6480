import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export const modelFolder = join(root, "models", "gradients-demo", "tiny-dit");
export const buildLogPath = join(modelFolder, "build.log");
export const rowsPath = (set: "smileys" | "gestures"): string => join(root, "datasets", `emoji-${set}`, "rows.jsonl");
