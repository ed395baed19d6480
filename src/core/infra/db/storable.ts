import type { EntityData, RequiredEntityData } from "@mikro-orm/core";

/**
 * PostgreSQL keeps neither NUL characters nor half surrogate pairs; a stranger's text may hold both. They become U+FFFD,
 * so that such a text is stored like any other instead of failing the request that carries it.
 */
export function toStorable(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\0", "\uFFFD");
  if (Array.isArray(value)) return value.map(toStorable);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [toStorable(key), toStorable(inner)]));
}

/** A row ready to be written: storable texts, and columns left out where they are undefined. */
export function toColumns<Row extends object>(row: object): RequiredEntityData<Row> & EntityData<Row> {
  const columns = Object.entries(row).filter(([, value]) => value !== undefined);
  const storable = columns.map(([column, value]) => [column, toStorable(value)]);
  // The caller's types have checked the row; only characters inside of texts have changed.
  return Object.fromEntries(storable) as RequiredEntityData<Row> & EntityData<Row>;
}
