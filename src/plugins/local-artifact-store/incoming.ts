import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const abandonedAfterMs = 24 * 60 * 60 * 1000;

/**
 * Removes what a killed process left unfinished. Several processes share the folder, so only files that nobody has
 * written to for a day are taken for abandoned.
 */
export function removeAbandoned(folder: string, now = Date.now()): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found && now - found.mtimeMs > abandonedAfterMs) rmSync(path, { force: true });
  }
}
