import type { MikroORM } from "@mikro-orm/postgresql";
import { migrations } from "../../../../migrations/index.ts";

const MIGRATION_LOCK = 7_201_002;
const known: ReadonlySet<string> = new Set(migrations.map(({ name }) => name));

/** The database has been through migrations that this version does not have. */
export class NewerDatabaseError extends Error {
  override readonly name = "NewerDatabaseError";
}

/**
 * Brings the schema up to date; processes that start at once wait for each other.
 *
 * @throws NewerDatabaseError where a newer version was here: what it wrote is not ours to read.
 */
export async function migrate(orm: MikroORM): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    await em.execute("select pg_advisory_xact_lock(?)", [MIGRATION_LOCK]);
    await orm.migrator.up();
    const done = await em.execute<{ name: string }[]>("select name from migrations order by id");
    const newer = done.find(({ name }) => !known.has(name));
    if (newer !== undefined) throw new NewerDatabaseError(`found ${newer.name}, which this version does not have`);
  });
}
