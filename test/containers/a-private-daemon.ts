import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { clientOf } from "./a-daemon.ts";

/** A Docker daemon of a test's own, which it may kill. Disposing it removes all that it had. */
export interface PrivateDaemon extends AsyncDisposable {
  readonly address: string;
  readonly client: Docker;
  /** By SIGKILL: its containers go on running. */
  kill(): Promise<void>;
  /** In good order: it ends its containers. */
  stop(): Promise<void>;
  /** Again, over the same data. */
  start(): Promise<void>;
}

/** Only root may run a daemon. */
export const mayRunDaemons = process.getuid?.() === 0;

/** An OCI runtime beside runc, as daemon.json has it. */
export interface Runtime {
  readonly path: string;
  readonly runtimeArgs: readonly string[];
}

/**
 * @param gpus with a stand-in for NVIDIA's hook: the daemon then grants GPUs, and containers see their names.
 * @param runtimes by the names that containers ask for them.
 */
export async function startPrivateDaemon({
  gpus = false,
  runtimes = {},
}: { gpus?: boolean; runtimes?: Readonly<Record<string, Runtime>> } = {}): Promise<PrivateDaemon> {
  const folder = await mkdtemp(join(tmpdir(), "gradients-docker-"));
  const address = `unix://${folder}/docker.sock`;
  const client = clientOf(address);
  const path = gpus ? `${await standInHook(folder)}:${process.env["PATH"]}` : process.env["PATH"];
  let daemon: ChildProcess | undefined;
  await writeFile(join(folder, "daemon.json"), JSON.stringify({ runtimes }));

  const start = async () => {
    // Of a daemon that was killed; what it says is running may be a process that only waits to be reaped.
    for (const file of ["docker.pid", "exec/containerd/containerd.pid"]) await rm(join(folder, file), { force: true });
    // Its own network: a daemon without a bridge removes the one of the machine's daemon.
    const command = ["--net", "dockerd", ...argumentsFor(folder, address)];
    daemon = spawn("unshare", command, { stdio: "ignore", env: { PATH: path } });
    for (let tries = 0; tries < 600; tries += 1) {
      if (
        await client.ping().then(
          () => true,
          () => false,
        )
      )
        return;
      await pause(100);
    }
    throw new Error("the private Docker daemon did not come up within a minute");
  };
  const end = async (signal: NodeJS.Signals) => {
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    daemon.kill(signal);
    await once(daemon, "exit");
  };
  await start();
  return {
    address,
    client,
    start,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    async [Symbol.asyncDispose]() {
      for (const { Id } of await client.listContainers({ all: true }).catch(() => []))
        await client.getContainer(Id).remove({ force: true });
      await end("SIGTERM");
      await unmountBelow(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

const argumentsFor = (folder: string, address: string): readonly string[] => [
  // Not the machine's own, which may say the opposite.
  `--config-file=${join(folder, "daemon.json")}`,
  `--host=${address}`,
  `--data-root=${join(folder, "data")}`,
  `--exec-root=${join(folder, "exec")}`,
  `--pidfile=${join(folder, "docker.pid")}`,
  "--containerd-namespace=gradients-test",
  "--bridge=none",
  "--iptables=false",
  "--ip-forward=false",
  "--ip-masq=false",
];

/** What a daemon that was killed had mounted, the innermost first. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => line.split(" ")[4] ?? "");
  for (const path of mounts.filter((mount) => mount.startsWith(`${folder}/`)).reverse()) {
    spawnSync("umount", ["--lazy", path]);
  }
}

/** A daemon grants GPUs where this hook is found when it starts; the real one would now put devices into the container. */
async function standInHook(folder: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "nvidia-container-runtime-hook"), "#!/bin/sh\nexit 0\n");
  await chmod(join(bin, "nvidia-container-runtime-hook"), 0o755);
  return bin;
}
