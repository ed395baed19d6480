import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { findPostgresBinaries } from "./binaries.ts";
import { CLUSTER_USER, openCluster, type Cluster } from "./cluster.ts";
import { isHalfWritten, pidFile, readPostmasterFile, whoHasPid } from "./postmaster-file.ts";
import { CLEAN_ENVIRONMENT, unprivileged } from "./unprivileged.ts";

/** A PostgreSQL server that answers. */
export interface Postmaster {
  /** Connection string of the cluster's `postgres` database. */
  readonly url: string;
  readonly pid: number;
  /** It was running already. */
  readonly adopted: boolean;
}

export interface PostmasterOptions {
  /** Without fsync: a killed server loses nothing, a machine that loses power may lose all. */
  readonly quick?: boolean;
  /** Default: any free one. */
  readonly port?: number;
}

const START_WITHIN_MS = 30_000;
const POLL_MS = 15;
const RETRY_MS = 200;

const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "shared_buffers=32MB",
  "max_connections=200",
  "jit=off",
  "io_method=sync",
  "wal_level=minimal",
  "max_wal_senders=0",
  "max_logical_replication_workers=0",
  "log_checkpoints=off",
] as const;
const QUICK_SETTINGS = ["fsync=off", "full_page_writes=off"] as const;

/**
 * Makes sure that a server runs on the cluster under `folder`: adopts the one that does (a killed process leaves its own
 * behind), starts one otherwise, on a port of 127.0.0.1. Right after a kill, dying backends may hold the shared
 * memory for a moment, so starting is tried until it works.
 *
 * @throws {Error} with the server's log when it does not answer within 30 s.
 */
export async function ensurePostmaster(folder: string, options: PostmasterOptions = {}): Promise<Postmaster> {
  const quick = options.quick ?? false;
  const cluster = await openCluster(resolve(folder), { quick });
  const giveUpAt = Date.now() + START_WITHIN_MS;
  while (Date.now() < giveUpAt) {
    const running = readPostmasterFile(cluster.dataFolder);
    const holder = running ? whoHasPid(running.pid, cluster.dataFolder) : "nobody";
    if (running && holder === "postmaster") {
      const adopted = await greet(cluster, running.port, running.pid, true);
      if (adopted) return adopted;
    } else {
      if (holder === "stranger" || isHalfWritten(cluster.dataFolder))
        await rm(pidFile(cluster.dataFolder), { force: true });
      const started = await start(cluster, { quick, port: options.port ?? (await freePort()) }, giveUpAt);
      if (started) return started;
    }
    await delay(RETRY_MS);
  }
  throw new Error(`PostgreSQL does not answer in ${folder} after ${START_WITHIN_MS / 1000} s.\n${logTail(cluster)}`);
}

/**
 * Ends the server of that folder in good order, if one runs; open connections are cut. One that others start there
 * meanwhile is theirs.
 */
export async function stopPostmaster(folder: string): Promise<void> {
  const pid = endPostmaster(folder, "SIGINT");
  if (pid === null) return;
  const giveUpAt = Date.now() + START_WITHIN_MS;
  while (runningPid(folder) === pid) {
    if (Date.now() > giveUpAt) endPostmaster(folder, "SIGKILL");
    await delay(POLL_MS);
  }
}

/** Tells the server of that folder to end and does not wait for it; its process number, null where none runs. */
export function endPostmaster(folder: string, signal: "SIGINT" | "SIGTERM" | "SIGKILL"): number | null {
  const pid = runningPid(folder);
  try {
    if (pid !== null) process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
  return pid;
}

function runningPid(folder: string): number | null {
  const dataFolder = join(resolve(folder), "data");
  const running = readPostmasterFile(dataFolder);
  return running && whoHasPid(running.pid, dataFolder) === "postmaster" ? running.pid : null;
}

async function start(
  cluster: Cluster,
  { quick, port }: Required<PostmasterOptions>,
  giveUpAt: number,
): Promise<Postmaster | null> {
  const { prefix, user } = unprivileged();
  const settings = [...SETTINGS, ...(quick ? QUICK_SETTINGS : [])].flatMap((setting) => ["-c", setting]);
  const program = [
    ...prefix,
    findPostgresBinaries().postgres,
    "-D",
    cluster.dataFolder,
    "-p",
    String(port),
    ...settings,
  ];
  const [command = "", ...args] = program;
  const log = openSync(logPath(cluster), "a", 0o600);
  // Its own session: Ctrl-C in a terminal must reach only us, so that the database is stopped last.
  const child = spawn(command, args, { ...user, detached: true, stdio: ["ignore", log, log], ...CLEAN_ENVIRONMENT });
  closeSync(log);
  // A program that can't be run at all has no pid; its error is in the log or shows as "does not answer".
  child.on("error", () => undefined);
  child.unref();
  const runs = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  while (runs() && Date.now() < giveUpAt) {
    const file = readPostmasterFile(cluster.dataFolder);
    if (file?.ready && file.pid === child.pid) return greet(cluster, file.port, file.pid, false);
    await delay(POLL_MS);
  }
  return null;
}

/** Null when it does not answer, does not take our password, or serves another folder. */
async function greet(cluster: Cluster, port: number, pid: number, adopted: boolean): Promise<Postmaster | null> {
  const url = `postgres://${CLUSTER_USER}:${cluster.password}@127.0.0.1:${port}/postgres`;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder");
    return rows[0]?.folder === cluster.dataFolder ? { url, pid, adopted } : null;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("A TCP socket has no port.");
  return address.port;
}

const logPath = (cluster: Cluster): string => join(dirname(cluster.dataFolder), "postgres.log");

function logTail(cluster: Cluster): string {
  try {
    return readFileSync(logPath(cluster), "utf8").slice(-2_000);
  } catch {
    return "";
  }
}
