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

/** Sealed models that nobody has looked at yet. */
export async function pendingSubmissionIds(orm: MikroORM): Promise<readonly string[]> {
  const rows = await orm.em
    .fork()
    .execute<{ id: string }[]>(
      `select id from submissions where static_verdict ->> 'status' = 'PENDING' order by seal_sequence`,
    );
  return rows.map(({ id }) => id);
}
