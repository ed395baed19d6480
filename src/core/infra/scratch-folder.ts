import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A folder for this process's temporary files; those of processes that are gone are removed. */
export async function openScratchFolder(dataFolder: string): Promise<string> {
  const all = join(dataFolder, "scratch");
  const own = join(all, String(process.pid));
  await mkdir(all, { recursive: true, mode: 0o700 });
  for (const name of await readdir(all)) {
    if (name === String(process.pid) || !isAlive(Number(name)))
      await rm(join(all, name), { recursive: true, force: true });
  }
  await mkdir(own, { recursive: true, mode: 0o700 });
  return own;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
