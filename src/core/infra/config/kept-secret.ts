import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A secret that was made once and is kept in the data folder, readable by its owner only. Of two processes that start at
 * once, both get the one that came first.
 *
 * @throws where it is empty, as a machine that lost power may leave a file: anybody could sign with that.
 */
export async function keptSecret(dataFolder: string, name: string, make: () => string): Promise<string> {
  const path = join(dataFolder, name);
  const read = async (): Promise<string> => {
    const kept = (await readFile(path, "utf8")).trim();
    if (kept === "") throw new Error(`${path} is empty: bring it back from a backup, or remove it for a new one`);
    return kept;
  };
  if (existsSync(path)) return read();
  // Written beside its place and linked into it: nobody reads a half-written one, and the second link fails.
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, `${make()}\n`, { flag: "wx", mode: 0o600, flush: true });
  try {
    await link(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  return read();
}
