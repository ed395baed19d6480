import { globSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { parseFamily, type Family } from "./family.ts";

/**
 * Reads the families of the given files, or of every data set that ships with the package.
 *
 * @throws {Error} naming the file that is missing or malformed.
 */
export function readFamilies(files: readonly string[] | null): readonly Family[] {
  return (files ?? shippedFamilyFiles()).map((file) => {
    try {
      return parseFamily(JSON.parse(readFileSync(file, "utf8")));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`the template family ${file} can't be used: ${reason}`, { cause });
    }
  });
}

function shippedFamilyFiles(): readonly string[] {
  // The same from source and from the build.
  const root = dirname(findPackageJSON(import.meta.url) ?? "");
  return globSync("datasets/*/family.json", { cwd: root })
    .toSorted()
    .map((file) => join(root, file));
}
