import type { AnyTaskType, JsonObject, Row } from "../../contract/index.ts";
import { err, ok, type Result } from "../../domain/index.ts";
import type { AppError } from "../errors.ts";

const SHOWN_PROBLEMS = 5;

/**
 * Maps the customer's columns to the type's roles and checks every row. The error lists the first bad rows with row
 * number (from 1), field and rule.
 */
export function mapRows(
  taskType: AnyTaskType,
  spec: Readonly<Record<string, unknown>>,
  raw: readonly JsonObject[],
): Result<readonly Row[], AppError> {
  const columns = taskType.columns(spec);
  const present = new Set(raw.flatMap((row) => Object.keys(row)));
  const missing = columns.filter(({ column, required }) => required && !present.has(column));
  if (raw.length > 0 && missing.length > 0) {
    const expected = missing.map(({ column, role }) => `"${column}" (for ${role})`).join(", ");
    const found = [...present]
      .slice(0, 20)
      .map((name) => `"${name}"`)
      .join(", ");
    const message = `expected the columns ${expected}, found ${found}; name your columns in the spec`;
    return err({ code: "DATASET_COLUMN_MISSING", message, path: ["input", "dataset"] });
  }
  const schema = taskType.rowSchema(spec);
  const rows: Row[] = [];
  const problems: string[] = [];
  raw.forEach((row, index) => {
    const fields = columns.flatMap(({ role, column }) => {
      const value = row[column];
      return value === undefined || value === null
        ? []
        : [[role, typeof value === "string" ? value : JSON.stringify(value)] as const];
    });
    const parsed = schema.safeParse(Object.fromEntries(fields));
    if (parsed.success) rows.push(parsed.data);
    else if (problems.length < SHOWN_PROBLEMS) {
      const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
      problems.push(`row ${index + 1}: ${issues.join(", ")}`);
    }
  });
  const bad = raw.length - rows.length;
  if (bad === 0) return ok(rows);
  const message = `${bad} of ${raw.length} rows break a rule; the first: ${problems.join("; ")}`;
  return err({ code: "DATASET_ROW_INVALID", message, path: ["input", "dataset"] });
}
