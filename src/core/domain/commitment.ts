import { canonicalJson } from "./canonical-json.ts";
import type { JsonValue } from "./canonical-json.ts";

/** A row's line in the file whose SHA-256 is a split's digest: canonical JSON, one row a line in the split's order. */
export function splitLine(row: JsonValue): string {
  return `${canonicalJson(row)}\n`;
}

/**
 * The text whose SHA-256 is published with RECRUITING: nonce, then digest, both lower-case hex. Opening both after SCORED
 * proves that the digest was fixed, without showing a row.
 */
export function commitmentText(nonce: string, digest: string): string {
  return `${nonce}${digest}`;
}
