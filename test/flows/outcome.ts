import { Client } from "pg";
import { z } from "zod";
import { chainDigest } from "../../src/core/infra/db/ledger.ts";

const Losses = z.object({ testLoss: z.number(), synthLoss: z.number().nullable() });

/** What a task came to: everything that must not depend on when a server was killed. */
export interface Outcome {
  readonly task: object;
  readonly splits: readonly object[];
  readonly evaluations: readonly object[];
  readonly scores: readonly object[];
  readonly findings: readonly object[];
  readonly weightSets: readonly object[];
}

/** Asks a database without the server. */
export async function ask<Row extends object>(
  url: string,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...params])).rows;
  } finally {
    await client.end();
  }
}

/** Reads the outcome of the only task of a world. */
export async function outcomeOf(url: string): Promise<Outcome> {
  const [task = {}] = await ask(
    url,
    "select id, status, task_weight, miner_target, delays, failure, blocked from tasks",
  );
  const evaluated = await ask<{ losses: unknown }>(
    url,
    `select coalesce(m.name, 'base') as model, e.attempt, e.status, e.losses, e.weighted_loss from evaluations e
     left join submissions s on s.id = e.submission_id left join miners m on m.id = s.miner_id order by model, e.attempt`,
  );
  return {
    task,
    splits: await ask(url, "select split, rows, sha256, commitment from dataset_splits order by split"),
    evaluations: evaluated.map((row) => ({ ...row, losses: Losses.parse(row.losses) })),
    scores: await ask(
      url,
      `select m.name as miner, s.rank, s.task_score, s.task_weight, s.reason from scores s
       join miners m on m.id = s.miner_id order by m.name`,
    ),
    findings: await ask(
      url,
      `select m.name as miner, f.code, f.verdict from findings f join submissions s on s.id = f.submission_id
       join miners m on m.id = s.miner_id order by m.name, f.code`,
    ),
    weightSets: await ask(url, "select id, digest, empty, entries from weight_sets order by sequence"),
  };
}

/** Every link of the ledger's chain, recomputed: each row's prev_digest beside what it must be. */
export async function ledgerLinks(
  url: string,
): Promise<readonly { readonly found: string; readonly expected: string }[]> {
  const rows = await ask<{ digest: string; prev_digest: string }>(
    url,
    "select digest, prev_digest from ledger order by sequence",
  );
  let expected = "0".repeat(64);
  return rows.map(({ digest, prev_digest: found }) => {
    const link = { found, expected };
    expected = chainDigest(found, digest);
    return link;
  });
}

export interface StoredEvent {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
}

/** A miner's events in the order of their numbers. */
export async function storedEvents(url: string, miner: string): Promise<readonly StoredEvent[]> {
  return ask<StoredEvent>(
    url,
    `select e.id, e.sequence::int as sequence, e.type from miner_events e join miners m on m.id = e.miner_id
     where m.name = $1 order by e.sequence`,
    [miner],
  );
}
