import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readRows, type RenderedRow } from "../engine/index.ts";

/** The part of task.json that the trainer needs; paths are relative to the folder. */
const taskSchema = z.looseObject({
  taskId: z.string(),
  baseModel: z.looseObject({ path: z.string(), repo: z.string().optional() }),
  contextLength: z.number().int().min(2).optional(),
});

export interface TaskFolder {
  readonly basePath: string;
  /** The name of the base that an adapter is saved with. */
  readonly baseName: string;
  readonly contextLength: number;
  readonly rows: readonly RenderedRow[];
  readonly modelPath: string;
}

/** A task as a miner gets it: task.json, data/train.jsonl with one rendered row a line, and the base model's folder. */
export function readTaskFolder(folder: string): TaskFolder {
  const task = taskSchema.parse(JSON.parse(readFileSync(join(folder, "task.json"), "utf8")));
  const rows = readRows(join(folder, "data", "train.jsonl"));
  if (rows.length === 0) throw new Error("data/train.jsonl has no rows.");
  return {
    basePath: join(folder, task.baseModel.path),
    baseName: task.baseModel.repo ?? task.baseModel.path,
    contextLength: task.contextLength ?? Infinity,
    rows,
    modelPath: join(folder, "model"),
  };
}
