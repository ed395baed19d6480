import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseProgress, type Progress } from "./progress.ts";

/** How much of a trainer's last words goes into a failure report. */
const LOG_TAIL_CHARACTERS = 1800;
/** Between the polite signal and the hard one, and from a trainer's end to the end of what it has left running. */
const GRACE_MS = 3000;

export interface TrainerRun {
  readonly command: readonly [string, ...string[]];
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
  /** Default: three seconds. */
  readonly graceMs?: number;
}

/** A trainer that ended with an error: its exit code and the tail of what it printed. */
export class TrainerError extends Error {
  override readonly name = "TrainerError";
}

/**
 * Runs a trainer in a process group of its own until it ends; an abort kills the whole group.
 *
 * @throws TrainerError where it can't be started or ends with a code other than 0; the signal's reason where it aborts.
 */
export async function runTrainer(run: TrainerRun): Promise<void> {
  const { onProgress, signal, graceMs = GRACE_MS } = run;
  const [program, ...args] = run.command;
  signal.throwIfAborted();
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let tail = "";
  const keep = (text: string): void => {
    tail = (tail + text).slice(-LOG_TAIL_CHARACTERS);
  };
  child.stderr.setEncoding("utf8").on("data", keep);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const progress = parseProgress(line);
    if (progress === null) keep(`${line}\n`);
    else onProgress(progress);
  });
  let patience: NodeJS.Timeout | undefined;
  const endSoon = (): void => {
    patience ??= setTimeout(() => {
      killGroup(child, "SIGKILL");
      // Whatever has left the group may hold the pipes open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    }, graceMs);
  };
  const stop = (): void => {
    killGroup(child, "SIGTERM");
    endSoon();
  };
  signal.addEventListener("abort", stop, { once: true });
  child.once("exit", endSoon);
  try {
    await once(child, "close");
    const { exitCode: code, signalCode } = child;
    signal.throwIfAborted();
    if (code !== 0)
      throw new TrainerError(
        `The trainer ended with ${code === null ? signalCode : `exit code ${code}`}.
${tail}`.trim(),
      );
  } catch (error) {
    if (error instanceof TrainerError || signal.aborted) throw error;
    throw new TrainerError(`The trainer could not be started: ${String(error)}`, { cause: error });
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(patience);
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
