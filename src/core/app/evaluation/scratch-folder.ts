import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { App } from "../app.ts";

/** A temporary folder that is gone when the scope ends. */
export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder of its own under the server's scratch folder. */
export async function createScratchFolder(app: App, prefix: string): Promise<ScratchFolder> {
  await mkdir(app.scratchFolder, { recursive: true });
  const path = await mkdtemp(join(app.scratchFolder, `${prefix}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
