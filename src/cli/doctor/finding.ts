import type { Log } from "../../core/app/index.ts";
import type { Diagnosis } from "../../core/contract/index.ts";

/** One thing that a server or a worker needs on this machine, and whether it is there. */
export type Finding = Diagnosis;

export const fine = (name: string, found: string): Finding => ({ name, status: "ok", found, remedy: null });
export const failed = (name: string, found: string, remedy: string): Finding => ({
  name,
  status: "failed",
  found,
  remedy,
});

/** What `look` finds; where it throws, that is what is wrong. */
export async function examine(name: string, remedy: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return fine(name, await look());
  } catch (error) {
    return failed(name, error instanceof Error ? error.message : String(error), remedy);
  }
}

const quiet = (): void => undefined;
/** What is found is shown in another way. */
export const SILENT: Log = Object.freeze({ debug: quiet, info: quiet, warn: quiet, error: quiet });
