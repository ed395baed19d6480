import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** What a program has printed is read within this time of its end. */
const READ_WITHIN_MS = 1000;

/** How a program ended. */
export interface ProgramEnd {
  /** "ended with exit code 1". */
  readonly how: string;
  readonly code: string;
  /** Whatever runs programs failed, or somebody ended it from outside: no model can be the reason. */
  readonly blameless: boolean;
}

/** An evaluator program that was started somewhere: in a process, in a container, on another machine. */
export interface EvaluatorProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the program has ended, its output is read and nothing of it is left. */
  readonly ended: Promise<ProgramEnd>;
  /** Ends it, and everything that it started. */
  kill(): void;
}

/**
 * Starts a program of this machine in a process group of its own, so that it can be ended with everything that it started,
 * and without the server's environment, which holds secrets.
 *
 * @param folder its working directory, home and place for temporary files.
 * @param environment further variables.
 */
export function startProgram(
  command: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): EvaluatorProgram {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { HOME: folder, TMPDIR: folder, LANG: "C.UTF-8", ...environment },
    stdio: "pipe",
    detached: true,
  });
  // A dead reader of our requests is noticed by its end, not by the broken pipe.
  child.stdin.on("error", () => {});
  let over = false;
  const kill = () => {
    if (child.pid === undefined || over) return;
    try {
      // The whole group: on Windows there are none, so only the program itself ends.
      if (process.platform === "win32") child.kill("SIGKILL");
      else process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  };
  const ended = new Promise<ProgramEnd>((resolve) => {
    const crashed = (how: string) => resolve({ how, code: "EVALUATOR_CRASHED", blameless: false });
    child.once("error", (error) => crashed(`could not be started: ${error.message}`));
    // Children that outlive the program would keep its output open, and "close" would never come.
    child.once("exit", () => {
      kill();
      // Its number may soon be another program's.
      over = true;
      // What has left the group may hold the output open, too.
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, READ_WITHIN_MS).unref();
    });
    child.once("close", (code, signal) => crashed(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
  });
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, kill };
}
