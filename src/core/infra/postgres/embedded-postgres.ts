import { Client } from "pg";
import type { Log } from "../../app/ports.ts";
import {
  endPostmaster,
  ensurePostmaster,
  stopPostmaster,
  type Postmaster,
  type PostmasterOptions,
} from "./postmaster.ts";

/** A PostgreSQL server for as long as somebody needs it. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly adopted: boolean;
  /** Resolves with the reason when the server is gone and can't be started again. */
  readonly lost: Promise<Error>;
  /** Lets go of it; the last process that does stops it. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions extends Omit<PostmasterOptions, "port"> {
  readonly log?: Pick<Log, "warn">;
}

/** The advisory lock that every process using the server holds in shared mode. */
const TENANTS_LOCK = 7_201_001;
const MOST_TRIES = 10;

/**
 * Starts or adopts the server under `folder` and keeps it until `stop`.
 *
 * Each process that uses it holds a shared lock; the last one out stops the server. A process that is killed loses its
 * lock with its connection: the server stays up and the next start adopts it, and then is the last one out itself. A
 * server that ends under its users is started again on the same port, where their pools find it.
 */
export async function startEmbeddedPostgres(
  folder: string,
  { log, ...options }: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  // A crash that skips stop(), also in the middle of the start: the server ends as soon as nobody is connected.
  const onExit = (): void => void endPostmaster(folder, "SIGTERM");
  process.once("exit", onExit);
  let { postmaster, tenant } = await enter(folder, options).catch((error: unknown) => {
    process.off("exit", onExit);
    throw error;
  });
  const { url, adopted } = postmaster;
  const port = Number(new URL(url).port);
  const lost = Promise.withResolvers<Error>();
  let stopping: Promise<void> | undefined;
  let recovering: Promise<void> | undefined;

  const recover = async (): Promise<void> => {
    log?.warn("PostgreSQL is gone and is started again", { folder });
    try {
      ({ postmaster, tenant } = await enter(folder, { ...options, port }));
      tenant.once("end", onGone);
      if (postmaster.url !== url)
        throw new Error(`Another process has started PostgreSQL at another port in ${folder}.`);
    } catch (error) {
      lost.resolve(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const onGone = (): void => {
    if (!stopping) recovering = recover();
  };
  tenant.once("end", onGone);

  const stop = async (): Promise<void> => {
    process.off("exit", onExit);
    // What is being started must not be left behind.
    await recovering;
    const last = await leave(tenant);
    await tenant.end().catch(() => undefined);
    if (last) await stopPostmaster(folder);
  };
  return { url, adopted, lost: lost.promise, stop: () => (stopping ??= stop()) };
}

/** Starts or adopts the server and moves in. It may be killed, or stopped by the last one out, in between: then once more. */
async function enter(folder: string, options: PostmasterOptions): Promise<{ postmaster: Postmaster; tenant: Client }> {
  for (let tries = 1; ; tries += 1) {
    const postmaster = await ensurePostmaster(folder, options);
    try {
      return { postmaster, tenant: await moveIn(postmaster.url) };
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
}

/** A connection that holds the tenants' lock. */
async function moveIn(url: string): Promise<Client> {
  const tenant = new Client({ connectionString: url, application_name: "gradients tenant" });
  tenant.on("error", () => undefined);
  await tenant.connect();
  await tenant.query("select pg_advisory_lock_shared($1)", [TENANTS_LOCK]);
  return tenant;
}

async function leave(tenant: Client): Promise<boolean> {
  try {
    await tenant.query("select pg_advisory_unlock_shared($1)", [TENANTS_LOCK]);
    const { rows } = await tenant.query<{ last: boolean }>("select pg_try_advisory_lock($1) as last", [TENANTS_LOCK]);
    return rows[0]?.last ?? false;
  } catch {
    // Somebody else has stopped it already.
    return false;
  }
}
