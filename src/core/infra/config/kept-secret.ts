import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A secret that was made once and is kept in the data folder, readable by its owner only. Of two processes that start at
 * once, both get the one that came first.
 */
export async function keptSecret(dataFolder: string, name: string, make: () => string): Promise<string> {
  const path = join(dataFolder, name);
  const kept = await readFile(path, "utf8").catch(() => null);
  if (kept !== null) return kept.trim();
  // Written beside its place and linked into it: nobody reads a half-written one, and the second link fails.
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, `${make()}\n`, { flag: "wx", mode: 0o600 });
  try {
    await link(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  return (await readFile(path, "utf8")).trim();
}
