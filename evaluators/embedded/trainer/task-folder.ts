import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** The part of task.json that the trainer needs; paths are relative to the folder. */
const taskSchema = z.looseObject({
  taskId: z.string(),
  baseModel: z.looseObject({ path: z.string(), repo: z.string().optional() }),
  contextLength: z.number().int().min(2).optional(),
  /** A folder made by hand may leave it out. */
  objective: z
    .looseObject({ name: z.string(), options: z.record(z.string(), z.unknown()).default({}) })
    .default({ name: "token-cross-entropy", options: {} }),
});

export interface TaskFolder {
  readonly basePath: string;
  /** The name of the base that an adapter is saved with. */
  readonly baseName: string;
  readonly contextLength: number;
  /** What to train for, by name, with its options. */
  readonly objective: { readonly name: string; readonly options: unknown };
  readonly rowsPath: string;
  readonly modelPath: string;
}

/** A task as a miner gets it: task.json, data/train.jsonl with one rendered row a line, and the base model's folder. */
export function readTaskFolder(folder: string): TaskFolder {
  const task = taskSchema.parse(JSON.parse(readFileSync(join(folder, "task.json"), "utf8")));
  return {
    basePath: join(folder, task.baseModel.path),
    baseName: task.baseModel.repo ?? task.baseModel.path,
    contextLength: task.contextLength ?? Infinity,
    objective: task.objective,
    rowsPath: join(folder, "data", "train.jsonl"),
    modelPath: join(folder, "model"),
  };
}
