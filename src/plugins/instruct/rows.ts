import { z } from "zod";
import { fillPrompt, type ColumnRole, type JsonObject, type Row } from "../../core/contract/index.ts";
import type { InstructSpec } from "./spec.ts";

// A lone surrogate has no UTF-8 form: tokenizers would disagree about it.
const text = z.string().refine((value) => value.isWellFormed(), "must be well-formed Unicode");
const filled = text.refine((value) => value.trim() !== "", "must not be empty");

/** Which columns the task reads, by role. */
export function instructColumns({ columns }: InstructSpec): readonly ColumnRole[] {
  return [
    { role: "instruction", column: columns.instruction, required: true },
    { role: "output", column: columns.output, required: true },
    ...(columns.input === null ? [] : [{ role: "input", column: columns.input, required: false }]),
    ...(columns.system === null ? [] : [{ role: "system", column: columns.system, required: false }]),
  ];
}

/** One row by role; `input` and `system` may be empty, and are there only where the task has such a column. */
export function instructRow({ columns }: InstructSpec): z.ZodType<Row> {
  const shape: Record<string, z.ZodType<string>> = { instruction: filled, output: filled };
  if (columns.input !== null) shape["input"] = text.default("");
  if (columns.system !== null) shape["system"] = text.default("");
  return z.strictObject(shape);
}

/** The prompt, which does not count, and the answer, which does; the evaluator appends the end of sequence. */
export function renderInstruct(row: Row, { promptTemplate }: InstructSpec): JsonObject {
  return {
    segments: [
      { text: fillPrompt(promptTemplate, row), counts: false },
      { text: row["output"] ?? "", counts: true },
    ],
  };
}
