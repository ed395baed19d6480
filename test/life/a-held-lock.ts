import { expect } from "vitest";
import type { TestApp } from "../helpers/test-app.ts";

const WAITING =
  "select from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0";

/** Resolves when a statement of this database waits for somebody's lock. */
export async function untilSomebodyWaits({ database }: TestApp): Promise<void> {
  await expect.poll(() => database.orm.em.fork().execute<object[]>(WAITING)).not.toEqual([]);
}
