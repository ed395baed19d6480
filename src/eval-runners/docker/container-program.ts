import { once } from "node:events";
import { PassThrough, type Duplex } from "node:stream";
import type { ContainerCreateOptions } from "dockerode";
import type { EvaluatorProgram, PluginLog, ProgramEnd } from "../../core/contract/index.ts";
import { InfrastructureError } from "../../core/contract/index.ts";
import type { Daemon } from "./daemon.ts";
import { framesOf } from "./frames.ts";
import type { DockerOptions } from "./options.ts";
import { whyItEnded } from "./why-it-ended.ts";

/** What one container needs. */
export interface ContainerSetup {
  readonly daemon: Daemon;
  readonly name: string;
  readonly create: ContainerCreateOptions;
  readonly options: Pick<DockerOptions, "memory" | "lifetimeMs" | "deadlines">;
  readonly log: PluginLog;
  /** Told about a container that the daemon would not remove, or may have yet. */
  readonly onLeftBehind: (name: string) => void;
}

/**
 * Runs an evaluator in a container and speaks to it over its attached stdin and stdout. Whatever happens, it is removed
 * before `ended` settles, or reported as left behind.
 */
export function startContainer(setup: ContainerSetup): EvaluatorProgram {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const killed = new AbortController();
  const ended = live(setup, { stdin, stdout, stderr }, killed.signal).finally(() => {
    stdin.destroy();
    stdout.end();
    stderr.end();
  });
  return { stdin, stdout, stderr, ended, kill: () => killed.abort() };
}

interface Streams {
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
}

async function live(setup: ContainerSetup, streams: Streams, killed: AbortSignal): Promise<ProgramEnd> {
  const { daemon, name, create, options } = setup;
  let socket: Duplex | undefined;
  try {
    await daemon.create(name, create);
    socket = await daemon.attach(name);
    // A broken pipe is noticed where the output is read.
    socket.on("error", () => {});
    const output = readOutput(socket, streams, killed);
    // Where the start fails first, nobody waits for it.
    output.catch(() => {});
    streams.stdin.pipe(socket);
    if (killed.aborted) return OURS;
    await daemon.start(name);
    const what = await firstOf(output, killed, options.lifetimeMs);
    if (what === "killed") return OURS;
    if (what === "expired") {
      const how = `was ended after ${options.lifetimeMs} ms, its longest life`;
      return { how, code: "EVALUATOR_EXPIRED", blameless: true };
    }
    return await whyItEnded(daemon, name, options);
  } catch (error) {
    const code = error instanceof InfrastructureError ? error.code : "DOCKER_FAILED";
    const message = error instanceof Error ? error.message : String(error);
    // A slow daemon may create it after it was removed.
    if (code === "DOCKER_TIMEOUT") setup.onLeftBehind(name);
    return { how: `could not be run: ${message}`, code, blameless: true };
  } finally {
    socket?.destroy();
    await remove(setup);
  }
}

/** By its client, which has said why already. */
const OURS: ProgramEnd = Object.freeze({ how: "was ended", code: "ABORTED", blameless: true });

/** What comes first: the end of the output, being killed, or the end of its time. */
async function firstOf(
  output: Promise<void>,
  killed: AbortSignal,
  lifetimeMs: number,
): Promise<"ended" | "killed" | "expired"> {
  let timer: NodeJS.Timeout | undefined;
  const expiring = new Promise<"expired">((resolve) => {
    timer = setTimeout(() => resolve("expired"), lifetimeMs);
  });
  const ended = output.then(() => (killed.aborted ? "killed" : "ended"));
  try {
    return await Promise.race([ended, expiring]);
  } finally {
    clearTimeout(timer);
  }
}

/** Passes the container's output on until it ends, or until nobody wants to hear any more from it. */
async function readOutput(socket: Duplex, { stdout, stderr }: Streams, killed: AbortSignal): Promise<void> {
  killed.addEventListener("abort", () => socket.destroy(), { once: true });
  try {
    for await (const { stream, bytes } of framesOf(socket)) {
      const target = stream === "stdout" ? stdout : stderr;
      if (!target.write(bytes)) await once(target, "drain", { signal: killed });
    }
  } catch (cause) {
    if (killed.aborted) return;
    throw new InfrastructureError("DOCKER_UNREACHABLE", `the connection to the container broke: ${String(cause)}`, {
      cause,
    });
  }
}

/** Ended first: where the removal hangs, it uses nothing up any more. */
async function remove({ daemon, name, log, onLeftBehind }: ContainerSetup): Promise<void> {
  try {
    await daemon.kill(name).catch(() => {});
    await daemon.remove(name);
  } catch (error) {
    log.warn("a container could not be removed; it will be tried again", { name, reason: String(error) });
    onLeftBehind(name);
  }
}
