import { canonicalJson } from "./canonical-json.ts";
import type { JsonValue } from "./canonical-json.ts";

/** The text whose SHA-256 is a split's digest: one row of canonical JSON a line, in the split's order. */
export function splitText(rows: readonly JsonValue[]): string {
  return rows.map((row) => `${canonicalJson(row)}\n`).join("");
}

/**
 * The text whose SHA-256 is published with RECRUITING: nonce, then digest, both lower-case hex. Opening both after SCORED
 * proves that the digest was fixed, without showing a row.
 */
export function commitmentText(nonce: string, digest: string): string {
  return `${nonce}${digest}`;
}
