import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { openOrm } from "../../src/core/infra/db/orm.ts";
import { withTestDatabase } from "../helpers/test-database.ts";

const test = withTestDatabase();

const pidOf = "select pg_backend_pid() as pid";

it("loses no place in the pool when connections break inside of transactions", async () => {
  const orm = await openOrm(test.url, { poolSize: 2 });
  for (const _transaction of [1, 2, 3]) {
    const broken = orm.em.fork().transactional(async (em) => {
      const [backend] = await em.execute<{ pid: number }[]>(pidOf);
      await test.orm.em.fork().execute("select pg_terminate_backend(?)", [backend?.pid]);
      await em.execute("select 1");
    });
    await expect(broken).rejects.toThrow(/terminat|connection error/);
  }
  expect(await orm.em.fork().execute<object[]>(pidOf)).toHaveLength(1);
  await orm.close();
});

it("ends transactions that a frozen process has left open", async () => {
  const [row] = await test.orm.em
    .fork()
    .execute<{ idle_in_transaction_session_timeout: string }[]>("show idle_in_transaction_session_timeout");
  expect(row?.idle_in_transaction_session_timeout).toBe("10s");
});

it("closes while a query is still waiting for its connection to be opened", async () => {
  const orm = await openOrm(test.url);
  const late = orm.em.fork().execute<object[]>(pidOf);
  await nextTurn();
  await orm.close();
  expect(await late).toHaveLength(1);
});
