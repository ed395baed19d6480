import { z } from "zod";
import { fillPrompt, type ColumnRole, type JsonObject, type Row } from "../../core/contract/index.ts";
import type { GrpoSpec } from "./spec.ts";

// A lone surrogate has no UTF-8 form: tokenizers would disagree about it.
const text = z.string().refine((value) => value.isWellFormed(), "must be well-formed Unicode");
const filled = text.refine((value) => value.trim() !== "", "must not be empty");

/** Which columns the task reads, by role; what only rewards read has its column's name. */
export function grpoColumns({ columns }: GrpoSpec): readonly ColumnRole[] {
  return [
    { role: "prompt", column: columns.prompt, required: true },
    ...(columns.system === null ? [] : [{ role: "system", column: columns.system, required: false }]),
    ...columns.extra.map((column) => ({ role: column, column, required: true })),
  ];
}

/** One row by role; `system` may be empty, and is there only where the task has such a column. */
export function grpoRow({ columns }: GrpoSpec): z.ZodType<Row> {
  const shape: Record<string, z.ZodType<string>> = { prompt: filled };
  if (columns.system !== null) shape["system"] = text.default("");
  for (const name of columns.extra) shape[name] = filled;
  return z.strictObject(shape);
}

/** The prompt, which is continued, and the row's texts, which reward functions may read. */
export function renderGrpo(row: Row, { promptTemplate }: GrpoSpec): JsonObject {
  return { prompt: [{ text: fillPrompt(promptTemplate, row), counts: false }], row: { ...row } };
}
