import type { z } from "zod";
import { ok } from "../domain/index.ts";
import { fail, type AppResult } from "./errors.ts";

/** Parses what came from outside; the first broken rule becomes an INVALID_INPUT that says where. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): AppResult<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return fail("INVALID_INPUT", issue?.message ?? "the input is not valid", [
    "input",
    ...(issue?.path ?? []).map(String),
  ]);
}
