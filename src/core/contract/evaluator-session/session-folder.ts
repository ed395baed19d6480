import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { SessionNeeds } from "../eval-runner.ts";

const READABLE_FOLDER = 0o755;
const READABLE_FILE = 0o644;

/** The one folder that an evaluator works in; all paths of the protocol are relative to it. */
export interface SessionFolder extends AsyncDisposable {
  readonly path: string;
  /** Relative path of the base model's folder: a link, as nobody writes to it, or an empty folder to mount it on. */
  readonly base: string;
  /** Relative paths of the sets' files by name. */
  readonly datasets: Readonly<Record<string, string>>;
  /** Copies a submission's folder into the session; the copy goes away with the returned resource. */
  withSubmission(from: string): Promise<AsyncDisposable & { readonly path: string }>;
}

/**
 * Sets up the folder for one session under `parent`. An evaluator may be another user than ours, so all of it is readable;
 * `parent` is the plugin's own and keeps others out.
 */
export async function createSessionFolder(
  parent: string,
  needs: Pick<SessionNeeds, "basePath" | "sets">,
  mountsBase: boolean,
): Promise<SessionFolder> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, "session-"));
  const dispose = () => rm(path, { recursive: true, force: true });
  try {
    await chmod(path, READABLE_FOLDER);
    if (mountsBase) await readableFolder(join(path, "base"));
    else await symlink(resolve(needs.basePath), join(path, "base"), "junction");
    await readableFolder(join(path, "sets"));
    await readableFolder(join(path, "submissions"));
    const datasets: Record<string, string> = {};
    for (const [name, file] of Object.entries(needs.sets)) {
      datasets[name] = `sets/${name}.jsonl`;
      await readableCopy(file, join(path, `sets/${name}.jsonl`));
    }
    let submissions = 0;
    return {
      path,
      base: "base",
      datasets,
      async withSubmission(from) {
        submissions += 1;
        const copy = `submissions/${submissions}`;
        const remove = () => rm(join(path, copy), { recursive: true, force: true });
        try {
          await copyFiles(from, join(path, copy));
        } catch (error) {
          await remove();
          throw error;
        }
        return { path: copy, [Symbol.asyncDispose]: remove };
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * Copies files and folders, never links: what an evaluator reads can't be changed any more.
 *
 * @throws {Error} for anything that is neither a file nor a folder.
 */
async function copyFiles(from: string, to: string): Promise<void> {
  await readableFolder(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (entry.isDirectory()) await copyFiles(source, join(to, entry.name));
    else if (entry.isFile()) await readableCopy(source, join(to, entry.name));
    else throw new Error(`${source} is neither a file nor a folder`);
  }
}

async function readableFolder(path: string): Promise<void> {
  await mkdir(path);
  await chmod(path, READABLE_FOLDER);
}

async function readableCopy(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, READABLE_FILE);
}
