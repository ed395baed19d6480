import type { ProgramEnd } from "../../core/contract/index.ts";
import type { Daemon } from "./daemon.ts";
import type { DockerOptions } from "./options.ts";

/** 128 and the signal's number. */
const SIGKILLED = 137;
const SIGTERMED = 143;

/**
 * What became of a container that ended by itself, from what the kernel and the daemon know of it: nothing that the
 * program prints or returns can pass for a fault of the infrastructure.
 *
 * @throws {InfrastructureError} where the daemon can't be asked.
 */
export async function whyItEnded(
  daemon: Daemon,
  name: string,
  exitCode: number,
  { memory }: Pick<DockerOptions, "memory">,
): Promise<ProgramEnd> {
  const { State } = await daemon.inspect(name);
  // Only a child may have been the victim, and the program may have coped: it ended well then.
  if (State.OOMKilled && exitCode !== 0) {
    const how = `needed more memory than its ${memory} bytes`;
    return { how, exitCode, code: "EVALUATOR_OUT_OF_MEMORY", blameless: false };
  }
  if (exitCode === SIGKILLED || exitCode === SIGTERMED) {
    // A program can end with these codes by itself; only the daemon's own record tells that somebody ended it.
    if ((await daemon.signals(name, new Date(State.StartedAt), after(State.FinishedAt))) > 0) {
      const how = "was ended by somebody through the Docker daemon";
      return { how, exitCode: null, code: "EVALUATOR_KILLED", blameless: true };
    }
  }
  return { how: `ended with exit code ${exitCode}`, exitCode, code: "EVALUATOR_CRASHED", blameless: false };
}

/** Dates have milliseconds, the daemon's times have more. */
const after = (time: string): Date => new Date(Date.parse(time) + 1);
