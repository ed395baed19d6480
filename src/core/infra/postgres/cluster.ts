import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { isAlive } from "../is-alive.ts";
import { findPostgresBinaries } from "./binaries.ts";
import { unprivileged } from "./unprivileged.ts";

/** A data folder that initdb has made, and the password of its only user. */
export interface Cluster {
  readonly dataFolder: string;
  readonly password: string;
}

/** The database user of embedded clusters. */
export const CLUSTER_USER = "postgres";

const PASSWORD_FILE = "gradients-password";
const run = promisify(execFile);

/**
 * Opens the cluster under `folder`, making it first where there is none.
 *
 * It is made beside its place and renamed into it, so that a process killed half way leaves no half cluster, and two
 * that start at once end up with the same one.
 */
export async function openCluster(folder: string, options: { readonly quick: boolean }): Promise<Cluster> {
  const dataFolder = join(folder, "data");
  if (!existsSync(join(dataFolder, "PG_VERSION"))) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeAbandoned(folder);
    await makeCluster(folder, dataFolder, options.quick);
  }
  return { dataFolder, password: await readFile(join(dataFolder, PASSWORD_FILE), "utf8") };
}

async function makeCluster(folder: string, dataFolder: string, quick: boolean): Promise<void> {
  const { prefix, user } = unprivileged();
  const fresh = join(folder, `new-${process.pid}`);
  const passwordFile = join(folder, `new-${process.pid}.password`);
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  if (user) for (const path of [folder, fresh, passwordFile]) await chown(path, user.uid, user.gid);
  const program = [...prefix, findPostgresBinaries().initdb];
  const args = ["-D", fresh, "-U", CLUSTER_USER, "-A", "scram-sha-256", `--pwfile=${passwordFile}`];
  const locale = ["-E", "UTF8", "--locale=C", "--no-instructions", ...(quick ? ["--no-sync"] : [])];
  const [command = "", ...before] = program;
  try {
    await run(command, [...before, ...args, ...locale], { ...user, env: { LC_ALL: "C", PATH: "/usr/bin:/bin" } });
    await rename(passwordFile, join(fresh, PASSWORD_FILE));
    await rename(fresh, dataFolder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
    if (!existsSync(join(dataFolder, "PG_VERSION"))) {
      throw new Error(`The database could not be made in ${folder}. ${describe(error)}`, { cause: error });
    }
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^new-(\d+)/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const describe = (error: unknown): string =>
  error instanceof Error && "stderr" in error && error.stderr ? String(error.stderr) : String(error);
