import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** An evaluator program that was started somewhere: in a process, in a container, on another machine. */
export interface EvaluatorProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the program has ended and its output is read: with what ended it. */
  readonly ended: Promise<string>;
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
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      // The whole group: on Windows there are none, so only the program itself ends.
      if (process.platform === "win32") child.kill("SIGKILL");
      else process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  };
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    // Children that outlive the program would keep its output open, and "close" would never come.
    child.once("exit", kill);
    child.once("close", (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
  });
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, kill };
}
