import type { z } from "zod";
import { ok } from "../domain/index.ts";
import { fail, type AppError, type AppResult } from "./errors.ts";

/** Parses what came from outside; the first broken rule becomes an INVALID_INPUT that says where, below `place`. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: readonly string[] = ["input"],
): AppResult<z.output<Schema>> {
  const parsed = parseAll(schema, input, place);
  return parsed.ok ? parsed : { ok: false, error: parsed.error[0] };
}

/** The same with every broken rule. */
export function parseAll<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: readonly string[],
):
  | { readonly ok: true; readonly value: z.output<Schema> }
  | { readonly ok: false; readonly error: [AppError, ...AppError[]] } {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return ok(parsed.data);
  const toError = (issue: z.core.$ZodIssue): AppError =>
    fail("INVALID_INPUT", inWords(issue), [...place, ...issue.path.map(String)]).error;
  const [first, ...others] = parsed.error.issues.map(toError);
  return { ok: false, error: [first ?? fail("INVALID_INPUT", "the input is not valid", place).error, ...others] };
}

/** A broken rule as all our messages are worded: what was expected, what was found. */
function inWords({ message, input }: z.core.$ZodIssue): string {
  const rule = message.replace(/^(?:Too small|Too big|Invalid \w+): /, "").replace(/, received .*$/, "");
  const found = shown(input);
  return found === null || rule.includes("found") ? rule : `${rule}, found ${found}`;
}

const LONGEST_QUOTE = 60;

/** A value in a few words; null where it says nothing that the rule does not say. */
function shown(value: unknown): string | null {
  if (value === undefined) return "nothing";
  if (typeof value === "string") {
    const quote = JSON.stringify(value.slice(0, LONGEST_QUOTE));
    return value.length > LONGEST_QUOTE ? `${quote}… (${value.length} characters)` : quote;
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "number" || typeof value === "boolean" || value === null ? String(value) : null;
}
