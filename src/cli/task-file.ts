import { dirname, resolve } from "node:path";
import { z } from "zod";
import { TASK_ORIGINS } from "../core/domain/index.ts";
import type { NewTask } from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-codes.ts";
import { readBytes, readJson } from "./read-json.ts";

const jsonObject = z.record(z.string(), z.unknown());

/** A task in a file; `dataset.file` names a file beside it, of any format that a dataset may have, whose rows are sent along. */
const taskFile = z.strictObject({
  kind: z.string(),
  title: z.string(),
  baseModel: z.strictObject({ repo: z.string(), revision: z.string().nullable().default(null) }),
  dataset: jsonObject,
  budgetSeconds: z.number().int().positive(),
  spec: jsonObject.default({}),
  origin: z.enum(TASK_ORIGINS).optional(),
});

/** Reads a task file and the rows that it names. @throws CommandError naming file and line */
export async function readTaskFile(path: string, idempotencyKey: string): Promise<NewTask> {
  const { dataset, origin, ...task } = await readJson(path, taskFile);
  const { file, ...source } = dataset;
  return {
    ...task,
    ...(origin === undefined ? {} : { origin }),
    idempotencyKey,
    dataset: typeof file === "string" ? { ...source, rows: await readRows(resolve(dirname(path), file)) } : source,
  };
}

async function readRows(path: string): Promise<readonly unknown[]> {
  // Loaded for files alone: what reads Parquet and pictures takes its time.
  const { formatOf, parseRows } = await import("../core/app/index.ts");
  const format = formatOf(path);
  if (format === null)
    throw new CommandError(
      `${path}: expected a name that ends in .json, .jsonl, .csv, .parquet or .zip.`,
      EXIT.noInput,
    );
  // The server has the limits: it says them.
  const rows = await parseRows(await readBytes(path), format, { maxRows: Infinity, maxBytes: Infinity });
  if (!rows.ok) throw new CommandError(`${path}: ${rows.error.message}.`, EXIT.noInput);
  return rows.value;
}
