import { randomUUID } from "node:crypto";
import type { MikroORM } from "@mikro-orm/postgresql";
import { Client } from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import type { Clock, Store } from "../../src/core/app/ports.ts";
import { createStore, migrate, openOrm } from "../../src/core/infra/db/index.ts";
import { ensurePostmaster } from "../../src/core/infra/postgres/index.ts";

/** A migrated database of one's own. */
export interface TestDatabase {
  /** Connection string. */
  readonly url: string;
  readonly orm: MikroORM;
  readonly store: Store;
}

const TEMPLATE = "template_migrated";
const TEMPLATE_LOCK = 7_201_900;

const systemClock: Clock = { now: () => new Date() };

/** Gives the calling test file (or describe block) a migrated database, and drops it after. Use it inside of tests. */
export function withTestDatabase(clock: Clock = systemClock): TestDatabase {
  let open: (TestDatabase & { close(): Promise<void> }) | undefined;
  const current = (): TestDatabase => {
    if (!open) throw new Error("The test database is there from beforeAll to afterAll.");
    return open;
  };
  beforeAll(async () => {
    open = await createTestDatabase(clock);
  });
  afterAll(async () => {
    await open?.close();
  });
  return {
    get url() {
      return current().url;
    },
    get orm() {
      return current().orm;
    },
    get store() {
      return current().store;
    },
  };
}

/** The same, for whoever closes it himself. */
export async function createTestDatabase(
  clock: Clock = systemClock,
): Promise<TestDatabase & { close(): Promise<void> }> {
  const { url: serverUrl } = await ensurePostmaster(inject("postgresFolder"), { quick: true });
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await withServer(serverUrl, async (server) => {
    await ensureTemplate(server, serverUrl);
    await server.query(`create database ${name} template ${TEMPLATE}`);
  });
  const url = withDatabase(serverUrl, name);
  const orm = await openOrm(url);
  const close = async (): Promise<void> => {
    await orm.close(true);
    await withServer(serverUrl, (server) => server.query(`drop database ${name} with (force)`));
  };
  return { url, orm, store: createStore(orm, clock), close };
}

async function ensureTemplate(server: Client, serverUrl: string): Promise<void> {
  await server.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK]);
  const { rowCount } = await server.query("select from pg_database where datname = $1", [TEMPLATE]);
  if (rowCount === 0) {
    const unfinished = `${TEMPLATE}_unfinished`;
    await server.query(`drop database if exists ${unfinished} with (force)`);
    await server.query(`create database ${unfinished}`);
    const orm = await openOrm(withDatabase(serverUrl, unfinished));
    await migrate(orm);
    await orm.close(true);
    await server.query(`alter database ${unfinished} rename to ${TEMPLATE}`);
  }
  await server.query("select pg_advisory_unlock($1)", [TEMPLATE_LOCK]);
}

async function withServer(url: string, work: (server: Client) => Promise<unknown>): Promise<void> {
  const server = new Client({ connectionString: url });
  await server.connect();
  try {
    await work(server);
  } finally {
    await server.end();
  }
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
