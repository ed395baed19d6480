import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "./is-alive.ts";

/** A folder for this process's temporary files; those of processes that are gone are removed. */
export async function openScratchFolder(dataFolder: string): Promise<string> {
  const all = join(dataFolder, "scratch");
  const own = join(all, String(process.pid));
  await mkdir(all, { recursive: true, mode: 0o700 });
  for (const name of await readdir(all)) {
    if (name === String(process.pid) || !(Number(name) > 0 && isAlive(Number(name))))
      await rm(join(all, name), { recursive: true, force: true });
  }
  await mkdir(own, { recursive: true, mode: 0o700 });
  return own;
}
