import { compareIds } from "./sorted-entries.ts";

/** A plain JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * JSON text that is the same for the same value: no white space, keys in code-unit order, numbers as ECMAScript prints
 * them (−0 as 0). What is hashed is this text in UTF-8.
 *
 * @throws RangeError for a number that JSON can't say.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`JSON has no ${value}`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .sort(([a], [b]) => compareIds(a, b))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** Every run of white space as one space, none at the ends. */
export function normaliseWhiteSpace(text: string): string {
  // Nearly every text is normal already, and finding that out is much faster than writing it anew.
  return ODD_SPACE.test(text) ? text.replace(/\s+/gu, " ").trim() : text;
}

const ODD_SPACE = /[^\S ]| {2}|^ | $/u;

function normaliseTexts(value: JsonValue): JsonValue {
  if (typeof value === "string") return normaliseWhiteSpace(value);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(normaliseTexts);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, normaliseTexts(member)]));
}

/** The text by which two rows count as exact duplicates: canonical JSON with the white space of all texts normalised. */
export function canonicalRowKey(row: JsonValue): string {
  return canonicalJson(normaliseTexts(row));
}
