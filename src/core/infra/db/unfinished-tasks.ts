import type { MikroORM } from "@mikro-orm/postgresql";

/** Tasks whose next moment has come. */
export async function dueTaskIds(orm: MikroORM, now: Date): Promise<readonly string[]> {
  const rows = await orm.em
    .fork()
    .execute<{ id: string }[]>(
      `select id from tasks where due_at <= ? and status not in ('SCORED', 'FAILED', 'CANCELLED') order by due_at, id`,
      [now],
    );
  return rows.map(({ id }) => id);
}

/** Tasks in a stage that somebody must work on, blocked ones left out; synthetic ones come last. */
export async function workableTaskIds(orm: MikroORM): Promise<readonly string[]> {
  const rows = await orm.em.fork().execute<{ id: string }[]>(
    `select id from tasks where status in ('QUEUED', 'PREPARING', 'EVALUATING') and blocked is null
       order by origin = 'SYNTHETIC', created_at, id`,
  );
  return rows.map(({ id }) => id);
}

/** Every task that is not over yet; synthetic ones come last. */
export async function unfinishedTaskIds(orm: MikroORM): Promise<readonly string[]> {
  const rows = await orm.em.fork().execute<{ id: string }[]>(
    `select id from tasks where status not in ('SCORED', 'FAILED', 'CANCELLED')
       order by origin = 'SYNTHETIC', created_at, id`,
  );
  return rows.map(({ id }) => id);
}

/** Sealed models that are here and that nobody has looked at yet. */
export async function pendingSubmissionIds(orm: MikroORM): Promise<readonly string[]> {
  const rows = await orm.em.fork().execute<{ id: string }[]>(
    `select id from submissions s where static_verdict ->> 'status' = 'PENDING' and not exists
       (select from source_fetches f where f.submission_id = s.id and f.status <> 'DONE') order by seal_sequence`,
  );
  return rows.map(({ id }) => id);
}

/** Sealed models that are to be fetched from their sources now, and that nobody fetches. */
export async function dueFetchIds(orm: MikroORM, now: Date): Promise<readonly string[]> {
  const rows = await orm.em.fork().execute<{ id: string }[]>(
    `select submission_id as id from source_fetches f where status = 'PENDING' and due_at <= ? and not exists
       (select from leases where resource = 'fetch:' || f.submission_id) order by due_at, submission_id`,
    [now],
  );
  return rows.map(({ id }) => id);
}
