import { constants } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InfrastructureError } from "../../core/contract/index.ts";

const READ_BY_OTHERS = constants.S_IROTH;
const ENTER_BY_OTHERS = constants.S_IXOTH;

/**
 * Checks that a base model's folder can be mounted into a container whose user owns nothing: plain files that everybody may
 * read, as links would lead to nothing in there.
 *
 * @throws {InfrastructureError} BASE_NOT_MOUNTABLE, naming the file and what to do.
 */
export async function checkBaseFolder(path: string): Promise<string> {
  const folder = resolve(path);
  const refuse = (what: string, cause?: unknown) =>
    new InfrastructureError("BASE_NOT_MOUNTABLE", `the base model can't be mounted into a container: ${what}`, {
      cause,
    });
  try {
    const { mode } = await stat(folder);
    if (!(mode & READ_BY_OTHERS) || !(mode & ENTER_BY_OTHERS))
      throw refuse(`others may not read ${folder}: chmod -R o+rX it`);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isSymbolicLink()) throw refuse(`${file} is a link: copy the files with cp -rL`);
      if (!((await stat(file)).mode & READ_BY_OTHERS))
        throw refuse(`others may not read ${file}: chmod -R o+rX ${folder}`);
    }
    return folder;
  } catch (error) {
    if (error instanceof InfrastructureError) throw error;
    throw refuse(error instanceof Error ? error.message : String(error), error);
  }
}
