import type { EntityManager, MikroORM } from "@mikro-orm/postgresql";
import type { OutboxKind } from "../../app/records.ts";
import type { JsonObject } from "../../contract/index.ts";

/** Rung by a trigger with every insert; carries nothing. */
export const OUTBOX_CHANNEL = "gradients_outbox";
/** Carries topics with their ids to every server process. */
export const TOPICS_CHANNEL = "gradients_topics";

/** A row that a relay has claimed. */
export interface ClaimedRow {
  readonly sequence: number;
  readonly topic: string;
  readonly payload: JsonObject;
}

const BATCH = 200;
const KEPT_FOR = "1 hour";

/**
 * Claims up to 200 rows that nobody has told yet, tells them, and marks them with the commit. Rows that another relay
 * has claimed are skipped; where telling fails, they stay for the next one.
 *
 * @returns how many were told.
 */
export async function claimOutbox(
  orm: MikroORM,
  kind: OutboxKind,
  tell: (rows: readonly ClaimedRow[], em: EntityManager) => Promise<void>,
): Promise<number> {
  return orm.em.fork().transactional(async (em) => {
    const found = await em.execute<{ sequence: string; topic: string; payload: JsonObject }[]>(
      `select sequence, topic, payload from outbox where relayed_at is null and kind = ?
       order by sequence limit ${BATCH} for update skip locked`,
      [kind],
    );
    if (found.length === 0) return 0;
    await tell(
      found.map((row) => ({ ...row, sequence: Number(row.sequence) })),
      em,
    );
    const claimed = found.map((row) => row.sequence);
    await em.execute(`update outbox set relayed_at = clock_timestamp() where sequence = any(?::bigint[])`, [
      `{${claimed.join(",")}}`,
    ]);
    return found.length;
  });
}

/** Tells every process that listens, with the commit. */
export async function notifyTopics(em: EntityManager, messages: readonly string[]): Promise<void> {
  for (const message of messages) await em.execute("select pg_notify(?, ?)", [TOPICS_CHANNEL, message]);
}

/** Told rows are kept for an hour, for whoever wonders what rang. */
export async function pruneOutbox(orm: MikroORM): Promise<void> {
  await orm.em.fork().execute(`delete from outbox where relayed_at < clock_timestamp() - interval '${KEPT_FOR}'`);
}
