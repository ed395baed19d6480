import type { FilterQuery } from "@mikro-orm/postgresql";

/**
 * Rows that come after `key` in the order of `columns`: (a, b) > (x, y) is a > x, or a = x and b > y.
 *
 * @throws {RangeError} when the key has not one value for each column.
 */
export function afterKey<Row extends object>(
  columns: readonly (keyof Row & string)[],
  direction: "asc" | "desc",
  key: readonly (string | number | Date)[],
): FilterQuery<Row> {
  if (columns.length !== key.length)
    throw new RangeError(`expected a key of ${columns.length} values, found ${key.length}`);
  const beyond = direction === "asc" ? "$gt" : "$lt";
  const alternatives = columns.map((column, index) => {
    const equal = columns.slice(0, index).map((earlier, at) => [earlier, key[at]]);
    return { ...Object.fromEntries(equal), [column]: { [beyond]: key[index] } };
  });
  return { $or: alternatives }; // Built from the row's own columns.
}
