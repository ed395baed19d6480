import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/postgresql";
import type { Pool } from "pg";
import { migrations } from "../../../../migrations/index.ts";
import { giveBackBrokenConnections } from "./broken-connections.ts";
import { entities } from "./entities/index.ts";
import { untilIdle } from "./idle-pool.ts";

export interface OrmOptions {
  /** Connections at once, at most. */
  readonly poolSize?: number;
}

const IDLE_IN_TRANSACTION_MS = 10_000;

/** Opens the database at that connection string; nothing is asked of it yet. Closing it waits for queries under way. */
export async function openOrm(url: string, options: OrmOptions = {}): Promise<MikroORM> {
  let pool: Pool | undefined;
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: Object.values(entities),
    extensions: [Migrator],
    pool: { min: 0, max: options.poolSize ?? 16 },
    // A process that is frozen in the middle of a transaction must not keep its locks from those who take over.
    driverOptions: {
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      onPoolCreated: (created: Pool) => {
        pool = created;
        giveBackBrokenConnections(created);
      },
    },
    // Rows of the queue's own schema are none of ours.
    schemaGenerator: { ignoreSchema: ["bullmq"] },
    migrations: { migrationsList: [...migrations], tableName: "migrations", snapshot: false, allOrNothing: true },
    logger: () => undefined,
  });
  const close = orm.close.bind(orm);
  orm.close = async (force) => {
    if (pool) await untilIdle(pool);
    await close(force);
  };
  return orm;
}
