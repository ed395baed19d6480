import { Client } from "pg";
import { ensurePostmaster, stopPostmaster, type PostmasterOptions } from "./postmaster.ts";

/** A PostgreSQL server for as long as somebody needs it. */
export interface EmbeddedPostgres {
  readonly url: string;
  readonly adopted: boolean;
  /** Lets go of it; the last process that does stops it. */
  stop(): Promise<void>;
}

/** The advisory lock that every process using the server holds in shared mode. */
const TENANTS_LOCK = 7_201_001;

/**
 * Starts or adopts the server under `folder` and keeps it until `stop`.
 *
 * Each process that uses it holds a shared lock; the last one out stops the server. A process that is killed loses its
 * lock with its connection: the server stays up and the next start adopts it, and then is the last one out itself.
 */
export async function startEmbeddedPostgres(
  folder: string,
  options: PostmasterOptions = {},
): Promise<EmbeddedPostgres> {
  const postmaster = await ensurePostmaster(folder, options);
  const tenant = new Client({ connectionString: postmaster.url, application_name: "gradients tenant" });
  tenant.on("error", () => undefined);
  await tenant.connect();
  await tenant.query("select pg_advisory_lock_shared($1)", [TENANTS_LOCK]);
  // A crash that skips stop(): the server ends as soon as nobody is connected.
  const onExit = (): void => {
    try {
      process.kill(postmaster.pid, "SIGTERM");
    } catch {
      // It has ended before us.
    }
  };
  process.once("exit", onExit);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    process.off("exit", onExit);
    const last = await leave(tenant);
    await tenant.end().catch(() => undefined);
    if (last) await stopPostmaster(folder);
  };
  return { url: postmaster.url, adopted: postmaster.adopted, stop: () => (stopping ??= stop()) };
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
