import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";

/** A program in a process group of its own, so that it can be ended with everything that it started. */
export interface ProcessGroup {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles when the program has ended and its output is read: with what ended it. */
  readonly ended: Promise<string>;
  kill(): void;
}

/**
 * Starts a program without the server's environment, which holds secrets.
 *
 * @param folder its working directory, home and place for temporary files.
 */
export function startProcessGroup(command: readonly string[], folder: string): ProcessGroup {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { HOME: folder, TMPDIR: folder, LANG: "C.UTF-8" },
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
  return { child, ended, kill };
}
