import type { EntityManager } from "@mikro-orm/postgresql";
import type { Clock, NewRow, Tx, Where } from "../../app/ports.ts";
import type { MinerEventRecord, Tables } from "../../app/records.ts";
import { blobQuestions } from "./blobs.ts";
import { entityOf } from "./entities/index.ts";
import { createReader, filterFor } from "./reader.ts";
import { toColumns } from "./storable.ts";

/** Writes through the entity manager of one open transaction. */
export function createTx(em: EntityManager, clock: Clock): Tx {
  const reader = createReader(() => em);

  const insert = async <T extends keyof Tables>(table: T, row: NewRow<Tables[T]>): Promise<Tables[T]> => {
    const entity = entityOf(table);
    const written = await em.insert(entity, toColumns<Tables[T]>(row));
    const keys = em.getMetadata(entity).primaryKeys;
    const given = Object.entries(row).filter(
      ([column, value]) => keys.some((key) => key === column) && value !== undefined,
    );
    const key = given.length === keys.length ? Object.fromEntries(given) : { [String(keys[0])]: written };
    const stored = await reader.findOne(table, key as Where<Tables[T]>);
    if (!stored) throw new Error(`The row just written to ${table} is not there.`);
    return stored;
  };

  const insertMany = async <T extends keyof Tables>(table: T, rows: readonly NewRow<Tables[T]>[]): Promise<void> => {
    if (rows.length > 0)
      await em.insertMany(
        entityOf(table),
        rows.map((row) => toColumns<Tables[T]>(row)),
      );
  };

  const ring: Tx["ring"] = async (kind, topic, payload) => {
    await insertMany("outbox", [{ kind, topic, payload, createdAt: clock.now() }]);
  };

  return {
    ...reader,
    ...blobQuestions(em),
    insert,
    insertMany,
    ring,
    async insertIfAbsent<T extends keyof Tables>(table: T, row: NewRow<Tables[T]>) {
      const query = em.createQueryBuilder(entityOf(table)).insert(toColumns<Tables[T]>(row));
      const { affectedRows } = await query.onConflict().ignore().execute("run");
      return affectedRows > 0;
    },
    async update<T extends keyof Tables>(table: T, where: Where<Tables[T]>, patch: Partial<Tables[T]>) {
      return em.nativeUpdate(entityOf(table), filterFor(em, table, where), toColumns<Tables[T]>(patch));
    },
    async remove(table, where) {
      return em.nativeDelete(entityOf(table), filterFor(em, table, where));
    },
    async appendMinerEvents(events) {
      const byMiner = Map.groupBy(events, (event) => event.minerId);
      const rows: MinerEventRecord[] = [];
      // One order for everybody: two transactions that tell the same miners can't wait for each other.
      for (const minerId of [...byMiner.keys()].sort()) {
        const own = byMiner.get(minerId) ?? [];
        const first = (await takeSequences(em, minerId, own.length)) + 1;
        rows.push(...own.map((event, index) => ({ ...event, sequence: first + index })));
      }
      await insertMany("minerEvents", rows);
      const createdAt = clock.now();
      const bells = [...byMiner.keys()].sort().map((minerId) => ({ topic: `miner:${minerId}`, payload: { minerId } }));
      await insertMany(
        "outbox",
        bells.map((bell) => ({ kind: "topic", ...bell, createdAt }) as const),
      );
    },
  };
}

/** Locks the miner's row until the commit, so that its numbers become visible in their order and without gaps. */
async function takeSequences(em: EntityManager, minerId: string, count: number): Promise<number> {
  const [row] = await em.execute<{ before: number }[]>(
    `update miners set event_sequence = event_sequence + ? where id = ? returning (event_sequence - ?)::float8 as before`,
    [count, minerId, count],
  );
  if (!row) throw new Error(`There is no miner ${minerId} to tell.`);
  return row.before;
}
