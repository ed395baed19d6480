import { API, ok } from "../../domain/index.ts";
import { fail, type AppResult } from "../errors.ts";
import type { Reader, Where } from "../ports.ts";
import type { Tables } from "../records.ts";
import { decodeCursor, encodeCursor, type CursorColumn, type CursorValue } from "./cursor.ts";

/** What a client asks of a list. */
export interface PageInput {
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** One page of a Relay connection. */
export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** A list as it is stored: its name (part of the cursor), its table and its unique order. */
export interface StoredList<T extends keyof Tables> {
  readonly name: string;
  readonly table: T;
  readonly orderBy: readonly { readonly column: keyof Tables[T] & string; readonly as: CursorColumn }[];
  readonly direction: "asc" | "desc";
}

/** Checks `first` (1 to 100). */
export function pageSize(first: number): AppResult<number> {
  if (Number.isInteger(first) && first >= 1 && first <= API.maxPageSize) return ok(first);
  return fail("INVALID_INPUT", `expected first from 1 to ${API.maxPageSize}, found ${first}: ask for more pages`, [
    "first",
  ]);
}

/** Reads one page of a stored list by keyset: one query, one row more than asked for. */
export async function readPage<T extends keyof Tables>(
  reader: Reader,
  list: StoredList<T>,
  where: Where<Tables[T]>,
  input: PageInput,
): Promise<AppResult<Page<Tables[T]>>> {
  const size = pageSize(input.first);
  if (!size.ok) return size;
  const columns = list.orderBy.map(({ as }) => as);
  const cursor = input.after ?? null;
  const after = cursor === null ? ok(null) : decodeCursor(list.name, columns, cursor);
  if (!after.ok) return after;
  const rows = await reader.page(list.table, {
    where,
    orderBy: list.orderBy.map(({ column }) => column),
    direction: list.direction,
    after: after.value,
    // One row more than asked for tells of a next page.
    limit: size.value + 1,
  });
  return ok(toPage(rows, size.value, (row) => encodeCursor(list.name, orderValues(list, row))));
}

function orderValues<T extends keyof Tables>(list: StoredList<T>, row: Tables[T]): readonly CursorValue[] {
  return list.orderBy.map(({ column }) => {
    const value: unknown = row[column];
    if (typeof value === "string" || typeof value === "number" || value instanceof Date) return value;
    throw new Error(`the order column ${column} of ${list.name} holds neither text, number nor date`);
  });
}

/** A page of rows that are all in memory already (at most a few hundred), by the text key of each. */
export function slicePage<Row>(
  name: string,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  input: PageInput,
): AppResult<Page<Row>> {
  const size = pageSize(input.first);
  if (!size.ok) return size;
  const cursor = input.after ?? null;
  if (cursor === null) return ok(toPage(rows, size.value, (row) => encodeCursor(name, [keyOf(row)])));
  const after = decodeCursor(name, ["text"], cursor);
  if (!after.ok) return after;
  const last = rows.findIndex((row) => keyOf(row) === after.value[0]);
  if (last < 0)
    return fail("CURSOR_INVALID", "the row of this cursor is no longer in the list: start again without one", [
      "after",
    ]);
  return ok(toPage(rows.slice(last + 1), size.value, (row) => encodeCursor(name, [keyOf(row)])));
}

/** A page without rows. */
export const EMPTY_PAGE: Page<never> = Object.freeze({
  edges: Object.freeze([]),
  nodes: Object.freeze([]),
  pageInfo: Object.freeze({ hasNextPage: false, endCursor: null }),
});

function toPage<Row>(rows: readonly Row[], size: number, cursorOf: (row: Row) => string): Page<Row> {
  const edges = rows.slice(0, size).map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage: rows.length > size, endCursor: edges.at(-1)?.cursor ?? null },
  };
}
