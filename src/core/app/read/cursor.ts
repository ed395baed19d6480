import { fail, type AppResult } from "../errors.ts";
import { ok } from "../../domain/index.ts";

/** How one column of a list's order is written into a cursor and checked when it comes back. */
export type CursorColumn = "date" | "number" | "text" | "uuid";
export type CursorValue = string | number | Date;

const VERSION = 1;
const LONGEST_CURSOR = 1000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** As encodeCursor writes it, in the years 1 to 9999: JavaScript knows more years than the database. */
const MOMENT = /^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** An opaque, versioned cursor: the list's name and the order columns of one row. */
export function encodeCursor(list: string, values: readonly CursorValue[]): string {
  const plain = values.map((value) => (value instanceof Date ? value.toISOString() : value));
  return Buffer.from(JSON.stringify([VERSION, list, ...plain]), "utf8").toString("base64url");
}

/** Reads a cursor of that very list; anything else is CURSOR_INVALID. */
export function decodeCursor(
  list: string,
  columns: readonly CursorColumn[],
  cursor: string,
): AppResult<readonly CursorValue[]> {
  const parts = parse(cursor);
  const values = columns.map((column, index) => decodeValue(column, parts[index + 2]));
  const found = values.filter((value): value is CursorValue => value !== null);
  const sound =
    parts[0] === VERSION && parts[1] === list && parts.length === columns.length + 2 && found.length === columns.length;
  if (sound) return ok(found);
  return fail("CURSOR_INVALID", `expected a cursor that this list gave out (${list}): start again without one`, [
    "after",
  ]);
}

function parse(cursor: string): readonly unknown[] {
  if (cursor.length > LONGEST_CURSOR) return [];
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function decodeValue(column: CursorColumn, value: unknown): CursorValue | null {
  if (column === "number") return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
  if (typeof value !== "string") return null;
  if (column === "text") return value;
  if (column === "uuid") return UUID.test(value) ? value : null;
  return MOMENT.test(value) && !Number.isNaN(Date.parse(value)) ? new Date(value) : null;
}
