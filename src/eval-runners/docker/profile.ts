import type { ContainerCreateOptions, DeviceRequest, HostConfig, MountSettings } from "dockerode";
import type { DockerOptions } from "./options.ts";

/** Numbers of users that systems give to nobody, low enough for daemons that map users (rootless, userns-remap). */
export const NOBODIES = Object.freeze({ first: 60_578, count: 606 });

/** Where the session folder is mounted; it is the working directory. */
export const SESSION_FOLDER = "/session";

/** GPUs by their uuids, an empty list for none, or every one that there is. */
export type GpuRequest = readonly string[] | "all";

/** What one container is for. Paths are the daemon's. */
export interface ContainerPurpose {
  readonly imageId: string;
  /** Null: the image's entry point. */
  readonly command: readonly string[] | null;
  readonly sessionFolder: string;
  readonly baseFolder: string;
  readonly gpus: GpuRequest;
  /** Another one than its neighbours': the kernel counts some things by user, and who uses them up takes them from all. */
  readonly user: number;
  readonly labels: Readonly<Record<string, string>>;
}

type Limits = Pick<DockerOptions, "runtime" | "memory" | "cpus" | "pids" | "temporary">;

/**
 * The hardened profile: no network, a read-only root, no capability, no way to get any, a user that owns nothing, and a
 * bound on all that can be used up. Docker's default seccomp filter stays, as nothing else is asked for.
 */
export function containerOptions(purpose: ContainerPurpose, options: Limits): ContainerCreateOptions {
  return {
    Image: purpose.imageId,
    ...(purpose.command === null ? {} : { Entrypoint: [...purpose.command], Cmd: [] }),
    User: `${purpose.user}:${purpose.user}`,
    WorkingDir: SESSION_FOLDER,
    Env: environment(purpose.gpus),
    Labels: { ...purpose.labels },
    // Once nobody holds the other end of its stdin, it ends: that ends the evaluator of a runner that died.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    // There is nothing to save: a daemon that is stopped need not wait.
    StopTimeout: 1,
    NetworkDisabled: true,
    HostConfig: hostConfig(purpose, options),
  };
}

function hostConfig(
  { sessionFolder, baseFolder, gpus, user }: ContainerPurpose,
  { runtime, memory, cpus, pids, temporary }: Limits,
): HostConfig & { readonly CgroupnsMode: "private" } {
  return {
    Runtime: runtime,
    NetworkMode: "none",
    ReadonlyRootfs: true,
    Mounts: [readOnly(sessionFolder, SESSION_FOLDER), readOnly(baseFolder, `${SESSION_FOLDER}/base`)],
    Tmpfs: {
      "/tmp": `rw,noexec,nosuid,nodev,size=${temporary.bytes},nr_inodes=${temporary.files},uid=${user},gid=${user},mode=1777`,
    },
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true"],
    Privileged: false,
    IpcMode: "none",
    CgroupnsMode: "private",
    Memory: memory,
    // The same as the memory: no swap.
    MemorySwap: memory,
    MemorySwappiness: 0,
    NanoCpus: Math.round(cpus * 1e9),
    PidsLimit: pids,
    Ulimits: [
      { Name: "nofile", Soft: 1024, Hard: 1024 },
      { Name: "core", Soft: 0, Hard: 0 },
      { Name: "fsize", Soft: temporary.bytes, Hard: temporary.bytes },
    ],
    // Where the whole machine runs out of memory, evaluators go first.
    OomScoreAdj: 500,
    LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "1" } },
    RestartPolicy: { Name: "no" },
    AutoRemove: false,
    DeviceRequests: deviceRequests(gpus),
  };
}

const readOnly = (source: string, target: string): MountSettings => ({
  Type: "bind",
  Source: source,
  Target: target,
  ReadOnly: true,
  BindOptions: { Propagation: "rprivate" },
});

function deviceRequests(gpus: GpuRequest): DeviceRequest[] {
  if (gpus.length === 0) return [];
  const which = gpus === "all" ? { Count: -1 } : { DeviceIDs: [...gpus] };
  return [{ Driver: "nvidia", ...which, Capabilities: [["gpu", "compute", "utility"]] }];
}

/** Nothing of the server's environment, which holds secrets. */
function environment(gpus: GpuRequest): string[] {
  const own = ["HOME=/tmp", "TMPDIR=/tmp", "LANG=C.UTF-8"];
  // Images of CUDA ask for all GPUs by this variable; the daemon sets it itself where some are requested.
  return gpus.length === 0 ? [...own, "NVIDIA_VISIBLE_DEVICES=void"] : own;
}
