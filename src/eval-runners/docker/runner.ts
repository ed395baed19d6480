import { randomInt, randomUUID } from "node:crypto";
import { sep } from "node:path";
import {
  defineEvalRunner,
  InfrastructureError,
  openEvaluatorSession,
  type Device,
  type EvaluatorProgram,
  type LiveEvalRunner,
  type PluginHost,
  type PluginLog,
} from "../../core/contract/index.ts";
import { checkBaseFolder } from "./base-folder.ts";
import { startContainer } from "./container-program.ts";
import { connectDaemon, type Daemon } from "./daemon.ts";
import { diagnoseDocker } from "./diagnose.ts";
import { dockerOptions, type DockerOptions } from "./options.ts";
import { ownerLabels, thisOwner } from "./owner.ts";
import { containerOptions, type GpuRequest, NOBODIES } from "./profile.ts";
import { reapOrphans } from "./reap-orphans.ts";

/** Longer than ending and removing a container may take: until then its owner still works on it. */
const GRACE_MS = 10 * 60 * 1000;

/** Runs evaluators in hardened containers of a Docker daemon: for strangers' models, and for tasks that carry code. */
export const dockerRunner = defineEvalRunner({
  name: "docker",
  isolation: "container",
  options: dockerOptions,
  create: (options, host) => createDockerRunner(options, host),
});

/** What differs from container to container. */
export interface ContainerRequest {
  readonly taskId: string;
  readonly imageId: string;
  /** Folders of this machine. */
  readonly session: string;
  readonly base: string;
  readonly gpus: GpuRequest;
}

function createDockerRunner(options: DockerOptions, host: PluginHost): LiveEvalRunner {
  const daemon = connectDaemon(options);
  const owner = thisOwner();
  const leftBehind = new Set<string>();
  // Other workers of this machine begin elsewhere.
  let users = randomInt(NOBODIES.count);

  const removeLeftBehind = async () => {
    for (const name of leftBehind) {
      const forget = () => leftBehind.delete(name);
      // Not yet: the next start tries again, and once this process is gone the next worker.
      await daemon.remove(name).then(forget, () => {});
    }
  };
  const start = ({ taskId, imageId, session, base, gpus }: ContainerRequest): EvaluatorProgram => {
    void removeLeftBehind();
    users += 1;
    const deadline = new Date(Date.now() + options.lifetimeMs + GRACE_MS);
    const purpose = {
      imageId,
      command: options.command,
      sessionFolder: seenByDaemon(session, options.folders),
      baseFolder: seenByDaemon(base, options.folders),
      gpus,
      user: NOBODIES.first + (users % NOBODIES.count),
      labels: ownerLabels(owner, taskId, deadline),
    };
    return startContainer({
      daemon,
      name: `gradients-evaluator-${randomUUID()}`,
      create: containerOptions(purpose, options),
      options,
      log: host.log,
      onLeftBehind: (name) => leftBehind.add(name),
    });
  };
  return {
    async open(needs, signal) {
      signal.throwIfAborted();
      const base = await checkBaseFolder(needs.basePath);
      const { Id: imageId } = await daemon.inspectImage(options.image);
      const gpus = gpusFor(needs.device, options);
      const sessionOptions = {
        ...options,
        runner: "docker",
        image: imageId,
        mountsBase: true,
        start: (session: string) => start({ taskId: needs.taskId, imageId, session, base, gpus }),
      };
      return openEvaluatorSession(host.scratchFolder, needs, sessionOptions, signal);
    },
    tidy: () => reapOrphans(daemon, owner, host.log),
    ready: reportingChanges(host.log, () => checkDaemon(daemon, options)),
    diagnose: () => diagnoseDocker({ daemon, options, start, scratchFolder: host.scratchFolder }),
  };
}

/** Whether the daemon has what it would refuse a container without. @throws {InfrastructureError} that says what is missing. */
async function checkDaemon(daemon: Daemon, { image, runtime, cpus }: DockerOptions): Promise<void> {
  await daemon.inspectImage(image);
  const has = await daemon.info();
  if (!has.runtimes.includes(runtime)) {
    const known = has.runtimes.join(", ");
    throw new InfrastructureError("RUNTIME_MISSING", `the Docker daemon knows the runtimes ${known}, not ${runtime}`);
  }
  if (cpus > has.cpus) {
    const message = `a container is to get ${cpus} CPUs, the machine of the Docker daemon has ${has.cpus}`;
    throw new InfrastructureError("CPUS_MISSING", message);
  }
}

/** A question that is asked again and again: its answer is logged when it becomes another one. */
function reportingChanges(log: PluginLog, ask: () => Promise<unknown>): () => Promise<void> {
  let missing: string | null = null;
  return async () => {
    try {
      await ask();
      if (missing !== null) log.info("evaluations can run on this machine again");
      missing = null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (missing !== reason) log.warn("evaluations wait for another worker: this machine can't run them", { reason });
      missing = reason;
      throw error;
    }
  };
}

/** The leased device and no other; without a lease what the operator chose. */
function gpusFor(device: Device | null, { gpus }: DockerOptions): GpuRequest {
  if (device !== null) return device.kind === "gpu" ? [device.uuid] : [];
  return gpus === "none" ? [] : gpus;
}

/** A path of this machine as the daemon knows it. */
function seenByDaemon(path: string, folders: DockerOptions["folders"]): string {
  const [own, theirs] =
    Object.entries(folders)
      .filter(([folder]) => path === folder || path.startsWith(`${folder}${sep}`))
      .sort(([a], [b]) => b.length - a.length)[0] ?? [];
  return own === undefined || theirs === undefined ? path : `${theirs}${path.slice(own.length)}`;
}
