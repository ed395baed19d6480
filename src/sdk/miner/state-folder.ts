import { join, resolve, sep } from "node:path";
import { removeDrafts } from "../json-file.ts";
import { fileCursor, type CursorStore } from "../miner-cursor.ts";
import { assignmentFolder, type AssignmentFolder, type AssignmentState } from "./assignment-state.ts";

/** What a disk answers that is full, broken or not ours. */
const REFUSALS: ReadonlySet<unknown> = new Set("ENOSPC EDQUOT EROFS EIO EACCES EPERM EMFILE ENFILE".split(" "));

/** A miner can't keep its memory: no assignment has failed, and the next start goes on where this one was. */
export class StateFolderError extends Error {
  override readonly name = "StateFolderError";
}

/** What a miner remembers between runs. */
export interface StateFolder {
  readonly cursor: CursorStore;
  readonly assignments: AssignmentFolder;
  readonly remembered: readonly AssignmentState[];
}

/** Opens a miner's memory. @throws StateFolderError where it can't be read or written. */
export async function openStateFolder(folder: string): Promise<StateFolder> {
  const cursor = fileCursor(join(folder, "cursor.json"));
  const assignments = assignmentFolder(join(folder, "assignments"));
  try {
    await Promise.all([removeDrafts(folder), assignments.tidy()]);
    await cursor.save(await cursor.load());
    return { cursor, assignments, remembered: await assignments.loadAll() };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StateFolderError(
      `The miner's state in ${folder} can't be used: ${reason}. Mend it, or give another folder: in an empty one the miner reads its events anew.`,
      { cause },
    );
  }
}

/** The error that ends the miner where the disk, and not the work on an assignment, has failed; null for any other. */
export function stateFolderError(error: unknown, folder: string): StateFolderError | null {
  if (!(error instanceof Error)) return null;
  // A write to an open file that fails names none.
  const { code, path = folder }: NodeJS.ErrnoException = error;
  if (!REFUSALS.has(code) || !`${resolve(path)}${sep}`.startsWith(`${resolve(folder)}${sep}`)) return null;
  return new StateFolderError(`The miner's state in ${folder} can't be written: ${error.message}`, { cause: error });
}
