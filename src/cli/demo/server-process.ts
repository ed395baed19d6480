import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";
import { childEnvironment } from "../../core/infra/config/index.ts";
import { CommandError } from "../command-error.ts";
import { inPackage } from "../package-root.ts";

const LOG_LINES_SHOWN = 20;

/** What the server prints on stdout when it takes requests. */
const readyLine = z.object({ ready: z.literal(true), url: z.string() });

/** A server in a process of its own that ends with this one. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Rejects when the server ends before it is told to. */
  readonly failed: Promise<never>;
}

export interface ServerProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly signal: AbortSignal;
}

/** Starts a server and waits until it takes requests. @throws CommandError with the end of its log where it ends before that */
export async function startServerProcess({
  environment,
  logFile,
  signal,
}: ServerProcessOptions): Promise<ServerProcess> {
  const log = openSync(logFile, "a");
  const child = fork(inPackage("dist", "src", "server.js"), [], {
    env: childEnvironment(environment),
    // The channel is how the server notices that this process is gone.
    stdio: ["ignore", "pipe", log, "ipc"],
  });
  closeSync(log);
  const exited = once(child, "exit");
  const failed = exited.then(async () => {
    const lines = (await readFile(logFile, "utf8").catch(() => "")).trimEnd().split("\n");
    throw new CommandError(
      `The server ended unexpectedly. The end of its log:\n${lines.slice(-LOG_LINES_SHOWN).join("\n")}`,
    );
  });
  // Whoever still waits for something races against it.
  failed.catch(() => undefined);
  try {
    const url = await Promise.race([ready(child, signal), failed]);
    if (child.pid === undefined) throw new CommandError("The server's process could not be started.");
    return { url, pid: child.pid, failed, [Symbol.asyncDispose]: () => stop(child, exited) };
  } catch (error) {
    await stop(child, exited);
    throw error;
  }
}

async function ready(child: ChildProcess, signal: AbortSignal): Promise<string> {
  if (child.stdout === null) throw new CommandError("The server's process could not be started.");
  const lines = createInterface({ input: child.stdout });
  const [line]: unknown[] = await once(lines, "line", { signal });
  return readyLine.parse(JSON.parse(String(line))).url;
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  await exited;
}
