import { rmSync } from "node:fs";
import { mkdtemp, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../core/infra/is-alive.ts";
import { stopPostmaster } from "../../core/infra/postgres/index.ts";

const PREFIX = "gradients-demo-";

/**
 * A folder for everything that one demo writes. One that is not kept has the number of its process in its name: what a
 * killed demo has left, its database included, the next one removes.
 */
export async function openDemoFolder(keep: boolean, root = tmpdir()): Promise<string> {
  await removeAbandoned(root);
  return mkdtemp(join(root, keep ? PREFIX : `${PREFIX}${process.pid}-`));
}

/** Waits a little for what still ends in it. */
export const removeDemoFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });

async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = Number(/^gradients-demo-(\d+)-/.exec(name)?.[1]);
    if (!(pid > 0) || isAlive(pid)) continue;
    const folder = join(root, name);
    // Temporary folders are shared: another user's is his own to clean up.
    if ((await stat(folder).catch(() => null))?.uid !== process.getuid?.()) continue;
    await stopPostmaster(join(folder, "server", "postgres"));
    removeDemoFolder(folder);
  }
}
