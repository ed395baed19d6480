import { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type { ContainerCreateOptions, ContainerInspectInfo, ImageInspectInfo } from "dockerode";
import type Docker from "dockerode";
import { z } from "zod";
import { InfrastructureError } from "../../core/contract/index.ts";
import { asInfrastructureError } from "./daemon-errors.ts";
import type { DockerOptions } from "./options.ts";

const event = z.object({ Action: z.enum(["kill", "die"]) });

/** What the daemon says about itself. */
export interface DaemonInfo {
  readonly version: string;
  readonly apiVersion: string;
  readonly runtimes: readonly string[];
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly root: string;
}

/** What a daemon remembers of a container: nothing of the time before its own start. */
export interface Memory {
  /** How often somebody signalled it through the daemon. */
  readonly signals: number;
  readonly sawItsEnd: boolean;
}

export interface FoundContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A Docker daemon of which every call ends: with an answer, or with an InfrastructureError that says what is missing.
 * Containers are named by us, so that one can be removed even where the answer to its creation was lost.
 */
export interface Daemon {
  info(): Promise<DaemonInfo>;
  inspectImage(image: string): Promise<ImageInspectInfo>;
  create(name: string, options: ContainerCreateOptions): Promise<void>;
  /** Both directions; closing it is the end of the program's stdin. */
  attach(name: string): Promise<Duplex>;
  start(name: string): Promise<void>;
  inspect(name: string): Promise<ContainerInspectInfo>;
  /** By SIGKILL; a container that does not run is fine. */
  kill(name: string): Promise<void>;
  /** With its volumes, running or not; one that is gone is fine. */
  remove(name: string): Promise<void>;
  /** Of that time, by the daemon's clock. */
  remember(name: string, from: Date, to: Date): Promise<Memory>;
  /** All that have the label, running or not. */
  withLabel(label: string, value: string): Promise<readonly FoundContainer[]>;
}

/** A daemon under the deadlines of the options. Nothing is connected before the first call. */
export function connectDaemon({ daemon: address, deadlines }: Pick<DockerOptions, "daemon" | "deadlines">): Daemon {
  let connection: Promise<Docker> | undefined;
  const connect = () => (connection ??= load(address));

  const call = async <T>(
    what: string,
    ms: number,
    ask: (docker: Docker, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const docker = await connect();
    const expiry = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const message = `the Docker daemon at ${address} did not ${what} within ${ms} ms`;
        reject(new InfrastructureError("DOCKER_TIMEOUT", message));
        expiry.abort();
      }, ms);
    });
    try {
      return await Promise.race([ask(docker, expiry.signal), late]);
    } catch (error) {
      throw asInfrastructureError(error, what, address);
    } finally {
      clearTimeout(timer);
    }
  };
  const { callMs, createMs, startMs, stopMs, removeMs } = deadlines;

  return {
    info: () =>
      call("say what it is", callMs, async (docker) => {
        const [version, info] = await Promise.all([docker.version(), docker.info()]);
        return {
          version: version.Version,
          apiVersion: version.ApiVersion,
          runtimes: Object.keys(z.record(z.string(), z.unknown()).parse(info.Runtimes ?? {})),
          cpus: Number(info.NCPU),
          memory: Number(info.MemTotal),
          root: String(info.DockerRootDir),
        };
      }),
    inspectImage: (image) => call(`inspect the image ${image}`, callMs, (docker) => docker.getImage(image).inspect()),
    create: (name, options) =>
      call("create a container", createMs, async (docker, abortSignal) => {
        await docker.createContainer({ ...options, name, abortSignal });
      }),
    attach: (name) =>
      call("attach to a container", callMs, async (docker, abortSignal) => {
        const stream = await docker
          .getContainer(name)
          .attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true, abortSignal });
        return duplex.parse(stream);
      }),
    start: (name) =>
      call("start a container", startMs, async (docker, abortSignal) => {
        await docker.getContainer(name).start({ abortSignal });
      }),
    inspect: (name) =>
      call("inspect a container", callMs, (docker, abortSignal) => docker.getContainer(name).inspect({ abortSignal })),
    kill: (name) =>
      call("end a container", stopMs, (docker, abortSignal) =>
        // 409: it does not run.
        unlessStatus([404, 409], docker.getContainer(name).kill({ signal: "SIGKILL", abortSignal })),
      ),
    remove: (name) =>
      call("remove a container", removeMs, (docker, abortSignal) =>
        // 409: its removal is under way already.
        unlessStatus([404, 409], docker.getContainer(name).remove({ force: true, v: true, abortSignal })),
      ),
    remember: (name, from, to) =>
      call("list events", callMs, async (docker, abortSignal) => {
        const filters = JSON.stringify({ container: [name], event: event.shape.Action.options });
        const answer = await docker.getEvents({
          since: from.getTime() / 1000,
          until: to.getTime() / 1000,
          filters,
          abortSignal,
        });
        let text = "";
        for await (const chunk of answer) text += String(chunk);
        const actions = text
          .split("\n")
          .filter((line) => line.trim() !== "")
          .map((line) => event.parse(JSON.parse(line)).Action);
        return { signals: actions.filter((action) => action === "kill").length, sawItsEnd: actions.includes("die") };
      }),
    withLabel: (label, value) =>
      call("list containers", callMs, async (docker, abortSignal) => {
        const filters = JSON.stringify({ label: [`${label}=${value}`] });
        const found = await docker.listContainers({ all: true, filters, abortSignal });
        return found.map(({ Id, Labels }) => ({ id: Id, labels: Labels }));
      }),
  };
}

const duplex = z.custom<Duplex>(
  (value) => typeof value === "object" && value !== null && "write" in value && "read" in value,
  "expected a stream of both directions",
);

/** Loaded where it is needed: it takes a while, and most processes run no containers. */
async function load(address: string): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  const url = new URL(address);
  // A connection of its own for each call: one that was kept may belong to a daemon that was restarted since.
  const agent = new Agent({ keepAlive: false });
  const unix = { agent, socketPath: url.pathname };
  const tcp = { agent, protocol: "http" as const, host: url.hostname, port: Number(url.port) };
  return new Client(url.protocol === "unix:" ? unix : tcp);
}

function statusOf(error: unknown): number | null {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : null;
}

async function unlessStatus(fine: readonly number[], asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    const status = statusOf(error);
    if (status === null || !fine.includes(status)) throw error;
  }
}
