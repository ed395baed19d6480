import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, lchown, mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { isAlive } from "../is-alive.ts";
import { findPostgresBinaries } from "./binaries.ts";
import { CLEAN_ENVIRONMENT, unprivileged } from "./unprivileged.ts";

/** A data folder that initdb has made, and the password of its only user. */
export interface Cluster {
  readonly dataFolder: string;
  readonly password: string;
}

/** The database user of embedded clusters. */
export const CLUSTER_USER = "postgres";

const PASSWORD_FILE = "gradients-password";
/** What to do where root can only start it as a user who can't reach it. */
const HINT =
  "PostgreSQL does not run as root, and user 65534 must reach both its programs and that folder: run as an ordinary user, allow user namespaces, or set GRADIENTS_DATABASE_URL.";
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
    // Another user must at least get through to what is his; everything inside has modes of its own.
    await mkdir(folder, { recursive: true, mode: unprivileged().user ? 0o711 : 0o700 });
    await removeAbandoned(folder);
    await makeCluster(folder, dataFolder, options.quick);
  }
  await giveToOwner(dataFolder);
  // However it is called: a server that runs is known by the folder that it says it serves.
  return { dataFolder: await realpath(dataFolder), password: await readFile(join(dataFolder, PASSWORD_FILE), "utf8") };
}

async function makeCluster(folder: string, dataFolder: string, quick: boolean): Promise<void> {
  const { prefix, user, owner } = unprivileged();
  const fresh = join(folder, `new-${process.pid}`);
  const passwordFile = join(folder, `new-${process.pid}.password`);
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  if (owner !== null) for (const path of [fresh, passwordFile]) await chown(path, owner, owner);
  const program = [...prefix, findPostgresBinaries().initdb];
  const args = ["-D", fresh, "-U", CLUSTER_USER, "-A", "scram-sha-256", `--pwfile=${passwordFile}`];
  const locale = ["-E", "UTF8", "--locale=C", "--no-instructions", ...(quick ? ["--no-sync"] : [])];
  const [command = "", ...before] = program;
  try {
    await run(command, [...before, ...args, ...locale], { ...user, ...CLEAN_ENVIRONMENT });
    await rename(passwordFile, join(fresh, PASSWORD_FILE));
    await rename(fresh, dataFolder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
    if (!existsSync(join(dataFolder, "PG_VERSION"))) {
      throw new Error(`The database could not be made in ${folder}. ${describe(error)}${user ? HINT : ""}`, {
        cause: error,
      });
    }
  }
}

/** Root may have run it in another way before (another container): the files follow. */
async function giveToOwner(dataFolder: string): Promise<void> {
  const { owner } = unprivileged();
  if (owner === null || (await stat(dataFolder)).uid === owner) return;
  for (const name of await readdir(dataFolder, { recursive: true })) await lchown(join(dataFolder, name), owner, owner);
  await chown(dataFolder, owner, owner);
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^new-(\d+)/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const describe = (error: unknown): string =>
  error instanceof Error && "stderr" in error && typeof error.stderr === "string" ? error.stderr : String(error);
