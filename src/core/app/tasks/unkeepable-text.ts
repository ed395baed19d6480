/**
 * Where a value from JSON has a text (a key counts, too) that the database would change without a word: NUL characters and
 * halves of surrogate pairs have no place in it. Null where every text stays as it is.
 */
export function unkeepableText(value: unknown): readonly string[] | null {
  if (typeof value === "string") return isKept(value) ? null : [];
  if (typeof value !== "object" || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const place = isKept(key) ? unkeepableText(member) : [];
    if (place !== null) return [key, ...place];
  }
  return null;
}

const isKept = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
