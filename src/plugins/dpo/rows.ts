import { z } from "zod";
import { fillPrompt, type ColumnRole, type JsonObject, type Row } from "../../core/contract/index.ts";
import type { DpoSpec } from "./spec.ts";

// A lone surrogate has no UTF-8 form: tokenizers would disagree about it.
const text = z.string().refine((value) => value.isWellFormed(), "must be well-formed Unicode");
const filled = text.refine((value) => value.trim() !== "", "must not be empty");

/** Which columns the task reads, by role. */
export function dpoColumns({ columns }: DpoSpec): readonly ColumnRole[] {
  return [
    { role: "prompt", column: columns.prompt, required: true },
    { role: "chosen", column: columns.chosen, required: true },
    { role: "rejected", column: columns.rejected, required: true },
    ...(columns.system === null ? [] : [{ role: "system", column: columns.system, required: false }]),
  ];
}

/** One row by role; `system` may be empty, and is there only where the task has such a column. */
export function dpoRow({ columns }: DpoSpec): z.ZodType<Row> {
  const system: Record<string, z.ZodType<string>> = columns.system === null ? {} : { system: text.default("") };
  const shape: Record<string, z.ZodType<string>> = { ...system, prompt: filled, chosen: filled, rejected: filled };
  return z.strictObject(shape).superRefine((row, context) => {
    if (row["chosen"]?.trim() !== row["rejected"]?.trim()) return;
    // Such a pair prefers nothing: its loss is ln 2 whatever the model.
    context.addIssue({ code: "custom", path: ["rejected"], message: "must differ from chosen" });
  });
}

/** One prompt, which does not count, and two completions of it, which do; the evaluator appends the end of sequence. */
export function renderDpo(row: Row, { promptTemplate }: DpoSpec): JsonObject {
  return {
    prompt: [{ text: fillPrompt(promptTemplate, row), counts: false }],
    chosen: [{ text: row["chosen"] ?? "", counts: true }],
    rejected: [{ text: row["rejected"] ?? "", counts: true }],
  };
}
