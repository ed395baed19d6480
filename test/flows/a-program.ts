import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { childEnvironment } from "../../src/core/infra/config/index.ts";
import { packageFolder } from "../../src/core/infra/package-folder.ts";

/** A server or a worker of dist/ in a process of its own. */
export interface RunningProgram {
  readonly pid: number;
  /** Empty for a worker. */
  readonly url: string;
  /** SIGKILL: it gets to do nothing any more. */
  kill(): Promise<void>;
  /** SIGTERM; returns its exit code. */
  stop(): Promise<number | null>;
  /** Its exit code, whenever it ends. */
  readonly ended: Promise<number | null>;
}

const Ready = z.object({ ready: z.literal(true), url: z.string().default(""), pid: z.int() });

/** Starts a program with these settings and waits until it says that it is ready. */
export async function startProgram(
  program: "server" | "worker",
  settings: Readonly<Record<string, string>>,
  logFile: string,
): Promise<RunningProgram> {
  const log = openSync(logFile, "a");
  const child = fork(join(packageFolder, "dist", "src", `${program}.js`), [], {
    env: childEnvironment(settings),
    execArgv: [],
    stdio: ["ignore", "pipe", log, "ipc"],
  });
  closeSync(log);
  const ended = once(child, "exit").then(() => child.exitCode);
  const { pid, url } = await readyLine(child, logFile);
  return {
    pid,
    url,
    ended,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

async function readyLine(child: ChildProcess, logFile: string): Promise<z.output<typeof Ready>> {
  if (child.stdout === null) throw new Error("The child has no stdout.");
  for await (const line of createInterface({ input: child.stdout })) return Ready.parse(JSON.parse(line));
  throw new Error(`The ${program(child)} ended before it was ready:\n${await readFile(logFile, "utf8")}`);
}

const program = (child: ChildProcess): string => child.spawnargs.at(-1) ?? "program";
