import type { JsonObject } from "../../contract/index.ts";

/** Far deeper than a column of chat messages or tool calls is. */
const DEEPEST = 64;

/** Why a value from a JSON parser can't be a row, as the end of a sentence about it; null where it can. */
export function rawRowProblem(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is not an object of columns";
  return valueProblem(value, 0);
}

/** @throws {Error} where a value from a JSON parser can't be a row. */
export function toRawRow(value: unknown, index: number): JsonObject {
  const problem = rawRowProblem(value);
  if (problem !== null) throw new Error(`row ${index + 1} ${problem}`);
  return value as JsonObject; // an object from a JSON parser, all of whose values were looked at
}

/** What a parser of JSON lets through and nobody can write as JSON again. */
function valueProblem(value: unknown, depth: number): string | null {
  if (typeof value === "number" && !Number.isFinite(value)) return "has a number that is too large";
  if (typeof value !== "object" || value === null) return null;
  if (depth > DEEPEST) return `nests deeper than ${DEEPEST} levels`;
  for (const member of Object.values(value)) {
    const problem = valueProblem(member, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}
