import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { NewTask } from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-codes.ts";
import { readJson, readText } from "./read-json.ts";

const jsonObject = z.record(z.string(), z.unknown());

/** A task in a file; `dataset.file` names a JSON Lines file beside it whose rows are sent along. */
const taskFile = z.strictObject({
  kind: z.string(),
  title: z.string(),
  baseModel: z.strictObject({ repo: z.string(), revision: z.string().nullable().default(null) }),
  dataset: jsonObject,
  budgetSeconds: z.number().int().positive(),
  spec: jsonObject.default({}),
  origin: z.enum(["ORGANIC", "SYNTHETIC", "BENCHMARK"]).optional(),
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
  const lines = (await readText(path)).split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (cause) {
      throw new CommandError(`${path}, line ${index + 1}, is not JSON: ${String(cause)}`, EXIT.noInput, { cause });
    }
  });
}
