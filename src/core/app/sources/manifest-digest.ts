import { createHash } from "node:crypto";
import { canonicalJson, compareIds } from "../../domain/index.ts";
import type { UploadFile } from "../records.ts";

/** sha256 (hex) over the canonical JSON of [path, bytes, sha256] of every file, in the order of paths. */
export function manifestDigest(files: readonly UploadFile[]): string {
  const lines = files.map(({ path, bytes, sha256 }) => [path, bytes, sha256] as const);
  const sorted = lines.toSorted(([a], [b]) => compareIds(a, b));
  return createHash("sha256").update(canonicalJson(sorted)).digest("hex");
}
