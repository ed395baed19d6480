import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
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
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  return globSync("datasets/*/family.json", { cwd: root })
    .toSorted()
    .map((file) => join(root, file));
}

/** The nearest folder above that has a package.json: the same from source and from the build. */
function packageRoot(folder: string): string {
  if (existsSync(join(folder, "package.json")) || dirname(folder) === folder) return folder;
  return packageRoot(dirname(folder));
}
