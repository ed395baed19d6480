/** Orders two ids by UTF-16 code units: the same on every machine, whatever its locale. */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The record's own entries in sorted id order, so that sums over them do not depend on who was inserted first. */
export function sortedEntries<V>(record: Readonly<Record<string, V>>): (readonly [id: string, value: V])[] {
  return Object.entries(record).sort(([a], [b]) => compareIds(a, b));
}

/** The same keys with each value mapped, in sorted id order; safe for any key (`__proto__` included). */
export function mapValues<V, W>(
  record: Readonly<Record<string, V>>,
  map: (value: V, id: string) => W,
): Record<string, W> {
  return Object.fromEntries(sortedEntries(record).map(([id, value]) => [id, map(value, id)]));
}

/** The value of an own key, or undefined: never something inherited. */
export function ownValue<V>(record: Readonly<Record<string, V>>, id: string): V | undefined {
  return Object.hasOwn(record, id) ? record[id] : undefined;
}
