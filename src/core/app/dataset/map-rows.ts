import type { AnyTaskType, ColumnRole, JsonObject, Row } from "../../contract/index.ts";
import { err, ok, type Result } from "../../domain/index.ts";
import type { AppError } from "../errors.ts";
import { takeTurns } from "./turns.ts";

const SHOWN_PROBLEMS = 5;

/**
 * Maps the customer's columns to the type's roles and checks every row. The error lists the first bad rows with row
 * number (from 1), field and rule; its path leads to the first of them where rows were sent along. Others get their turn
 * in between.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function mapRows(
  taskType: AnyTaskType,
  spec: Readonly<Record<string, unknown>>,
  raw: readonly JsonObject[],
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<Result<readonly Row[], AppError>> {
  const columns = taskType.columns(spec);
  const missing = missingColumns(columns, raw);
  if (missing !== null) return err(missing);
  const schema = taskType.rowSchema(spec);
  const rows: Row[] = [];
  const problems: string[] = [];
  let firstPath: readonly string[] = [];
  let bytes = 0;
  const rest = takeTurns(signal);
  for (const [index, row] of raw.entries()) {
    const fields = byRole(columns, row);
    const parsed = schema.safeParse(fields);
    const issues = parsed.error?.issues ?? roundedNumbers(columns, row);
    if (parsed.success && issues.length === 0) rows.push(parsed.data);
    else if (problems.length < SHOWN_PROBLEMS) {
      const found = issues.map(
        ({ path, message }) => `${path.join(".")}: ${isLacking(path, columns, fields) ? "is missing" : message}`,
      );
      problems.push(`row ${index + 1}: ${found.join(", ")}`);
      if (problems.length === 1) firstPath = [String(index), ...columnOf(columns, issues[0]?.path[0])];
    }
    if (parsed.success) for (const text of Object.values(parsed.data)) bytes += text.length;
    // What rows become may be larger than what came: pictures are decoded and written anew.
    if (bytes > maxBytes) {
      const message = `expected rows of at most ${maxBytes} bytes, found more after ${index + 1} of ${raw.length} rows`;
      return err({ code: "DATASET_TOO_LARGE", message, path: ["input", "dataset"] });
    }
    await rest();
  }
  const bad = raw.length - rows.length;
  if (bad === 0) return ok(rows);
  const message = `${bad} of ${raw.length} rows break a rule; the first: ${problems.join("; ")}`;
  return err({ code: "DATASET_ROW_INVALID", message, path: ["input", "dataset", "rows", ...firstPath] });
}

function missingColumns(columns: readonly ColumnRole[], raw: readonly JsonObject[]): AppError | null {
  const present = new Set<string>();
  for (const row of raw) for (const name of Object.keys(row)) present.add(name);
  const missing = columns.filter(({ column, required }) => required && !present.has(column));
  if (raw.length === 0 || missing.length === 0) return null;
  const expected = missing.map(({ column, role }) => `"${column}" (for ${role})`).join(", ");
  const found = [...present]
    .slice(0, 20)
    .map((name) => `"${name}"`)
    .join(", ");
  const message = `expected the columns ${expected}, found ${found}; name your columns in the spec`;
  return { code: "DATASET_COLUMN_MISSING", message, path: ["input", "dataset"] };
}

function byRole(columns: readonly ColumnRole[], row: JsonObject): Readonly<Record<string, string>> {
  const fields = columns.flatMap(({ role, column }) => {
    const value = Object.hasOwn(row, column) ? row[column] : undefined;
    return value === undefined || value === null
      ? []
      : [[role, typeof value === "string" ? value : JSON.stringify(value)] as const];
  });
  return Object.fromEntries(fields);
}

/** Integers whose last digits were lost when JSON was read: as texts they would be other numbers than were sent. */
function roundedNumbers(columns: readonly ColumnRole[], row: JsonObject) {
  return columns
    .filter(({ column }) => Number.isInteger(row[column]) && !Number.isSafeInteger(row[column]))
    .map(({ role }) => ({ path: [role], message: "is a number of more digits than JSON keeps: send it as text" }));
}

/** Whether an issue is about a column that this row has nothing in: schemas say it in words of programs. */
function isLacking(
  path: readonly PropertyKey[],
  columns: readonly ColumnRole[],
  fields: Readonly<Record<string, string>>,
): boolean {
  return path.length === 1 && columns.some(({ role }) => role === path[0] && fields[role] === undefined);
}

/** The customer's name of a role that an issue is about; nothing where it is about the row. */
function columnOf(columns: readonly ColumnRole[], role: PropertyKey | undefined): readonly string[] {
  return columns.filter((one) => one.role === role).map(({ column }) => column);
}
