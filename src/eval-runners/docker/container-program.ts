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
  /** Told about a container that the daemon would not remove. */
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
    const output = readOutput(socket, streams, killed);
    // A broken pipe is noticed by the end of the container.
    socket.on("error", () => {});
    streams.stdin.pipe(socket);
    if (killed.aborted) return OURS;
    await daemon.start(name);
    const exit = await exitOf(setup, killed);
    if (exit === "killed") return OURS;
    if (exit === "expired") {
      const how = `was ended after ${options.lifetimeMs} ms, its longest life`;
      return { how, exitCode: null, code: "EVALUATOR_EXPIRED", blameless: true };
    }
    await settled(output, options.deadlines.callMs);
    return await whyItEnded(daemon, name, exit, options);
  } catch (error) {
    const code = error instanceof InfrastructureError ? error.code : "DOCKER_FAILED";
    const message = error instanceof Error ? error.message : String(error);
    return { how: `could not be run: ${message}`, exitCode: null, code, blameless: true };
  } finally {
    socket?.destroy();
    await remove(setup);
  }
}

/** By its client, which has said why already. */
const OURS: ProgramEnd = Object.freeze({ how: "was ended", exitCode: null, code: "ABORTED", blameless: true });

/** Waits for the container's end, or for ours: then it is killed, and the wait has a deadline. */
async function exitOf(
  { daemon, name, options }: ContainerSetup,
  killed: AbortSignal,
): Promise<number | "killed" | "expired"> {
  const done = new AbortController();
  const waiting = daemon.wait(name, done.signal);
  const called = new Promise<"killed">((resolve) => {
    if (killed.aborted) resolve("killed");
    killed.addEventListener("abort", () => resolve("killed"), { once: true, signal: done.signal });
  });
  let timer: NodeJS.Timeout | undefined;
  const expiring = new Promise<"expired">((resolve) => {
    timer = setTimeout(() => resolve("expired"), options.lifetimeMs);
  });
  try {
    return await Promise.race([waiting, called, expiring]);
  } finally {
    clearTimeout(timer);
    done.abort();
    waiting.catch(() => {});
  }
}

async function readOutput(socket: Duplex, { stdout, stderr }: Streams, killed: AbortSignal): Promise<void> {
  // Nobody wants to hear any more from a program that was told to end.
  killed.addEventListener("abort", () => socket.destroy(), { once: true });
  try {
    for await (const { stream, bytes } of framesOf(socket)) {
      const target = stream === "stdout" ? stdout : stderr;
      if (!target.write(bytes)) await once(target, "drain", { signal: killed });
    }
  } catch {
    // The connection broke or we closed it: how the container ended says the rest.
  }
}

async function settled(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
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
