import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/contract/index.ts";
import { createBroadcast, openEvents, type Events, type LocalBroadcast } from "../../src/core/infra/events/index.ts";
import { packTopics, unpackTopics } from "../../src/core/infra/events/topic-messages.ts";
import { withTestDatabase } from "../helpers/test-database.ts";
import { aMiner } from "./sample-rows.ts";
import { silentLog } from "./silent-log.ts";

const database = withTestDatabase();
const opened: Events[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((events) => events.stop()));
});

type Ring = (job: { id: string; name: string; data: JsonObject }) => Promise<void>;

const node = async (ring: Ring = async () => undefined): Promise<LocalBroadcast> => {
  const broadcast = createBroadcast();
  const { orm, url } = database;
  opened.push(await openEvents({ orm, url, queue: { ring }, broadcast, log: silentLog, onBell: () => undefined }));
  return broadcast;
};

describe("the relay", () => {
  it("rings each committed job once, however many relays there are", async () => {
    const seen: string[] = [];
    const all = Promise.withResolvers<void>();
    const ring: Ring = async ({ id, data }) => {
      seen.push(`${id} ${JSON.stringify(data["n"])}`);
      if (seen.length === 60) all.resolve();
    };
    await node(ring);
    await node(ring);
    const writers = Array.from({ length: 60 }, (_, n) =>
      database.store.transaction((tx) => tx.ring("wake", "advance", { n })),
    );
    await Promise.all(writers);
    await all.promise;
    expect(new Set(seen).size).toBe(60);
    expect(new Set(seen.map((entry) => entry.split(" ")[1])).size).toBe(60);
  });

  it("does not miss a row with a lower number that is committed later", async () => {
    const names: string[] = [];
    const [early, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await node(async ({ name }) => {
      names.push(name);
      (name === "committed-first" ? early : late).resolve();
    });
    await database.store.transaction(async (tx) => {
      await tx.ring("wake", "committed-last", {});
      await database.store.transaction((other) => other.ring("wake", "committed-first", {}));
      await early.promise;
    });
    await late.promise;
    expect(names).toEqual(["committed-first", "committed-last"]);
  });

  it("rings again, under the same id, what it could not ring", async () => {
    const ids: string[] = [];
    await node(async ({ id }) => {
      ids.push(id);
      if (ids.length === 1) throw new Error("the queue is down");
    });
    await database.store.transaction((tx) => tx.ring("wake", "advance", {}));
    // Any bell makes the relay look at what is left.
    while (ids.length < 2) await database.store.transaction((tx) => tx.ring("topic", "anything", {}));
    expect(ids[0]).toBe(ids[1]);
  });

  it("tells the subscribers of every node about a topic", async () => {
    const [left, right] = [await node(), await node()];
    const topic = `task:${randomUUID()}`;
    const waiting = [left, right].map((broadcast) => nextWithPayload(broadcast, topic));
    await database.store.transaction((tx) => tx.ring("topic", topic, { taskId: "x" }));
    expect(await Promise.all(waiting)).toEqual([{ taskId: "x" }, { taskId: "x" }]);
  });
});

describe("a broken listening connection", () => {
  it("is made again, and everybody is told to look again", async () => {
    const broadcast = await node();
    const rings = broadcast.subscribe(["topic"]);
    await database.orm.em
      .fork()
      .execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gradients listener' and datname = current_database()",
      );
    expect((await rings.next()).value).toEqual({ topic: "topic", payload: {} });
    const rung = nextWithPayload(broadcast, "topic");
    await database.store.transaction((tx) => tx.ring("topic", "topic", { n: 1 }));
    expect(await rung).toEqual({ n: 1 });
    await rings.return?.();
  });
});

describe("miner events", () => {
  it("are numbered without gaps in the order of their commits, whoever writes them at once", async () => {
    const miners = [aMiner(), aMiner(), aMiner()];
    await database.store.transaction((tx) => tx.insertMany("miners", miners));
    const event = (minerId: string) => ({
      id: randomUUID(),
      minerId,
      type: "Notice",
      taskId: null,
      payload: {},
      at: new Date(),
    });
    const writes = Array.from({ length: 30 }, (_, index) =>
      database.store
        .transaction(async (tx) => {
          const told = index % 2 === 0 ? miners : miners.toReversed();
          await tx.appendMinerEvents(told.flatMap(({ id }) => [event(id), event(id)]));
          if (index % 5 === 0) throw new Error("rolled back");
        })
        .catch(() => undefined),
    );
    await Promise.all(writes);
    for (const { id } of miners) {
      const events = await database.store.find("minerEvents", { minerId: id }, { orderBy: { sequence: "asc" } });
      expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 48 }, (_, index) => index + 1));
      expect((await database.store.findOne("miners", { id }))?.eventSequence).toBe(48);
    }
  });

  it("ring the miner's topic", async () => {
    const miner = aMiner();
    await database.store.transaction((tx) => tx.insert("miners", miner));
    const rung = nextWithPayload(await node(), `miner:${miner.id}`);
    const event = { id: randomUUID(), minerId: miner.id, type: "Notice", taskId: null, payload: {}, at: new Date() };
    await database.store.transaction((tx) => tx.appendMinerEvents([event]));
    expect(await rung).toEqual({ minerId: miner.id });
  });
});

describe("messages to other nodes", () => {
  it("hold all rings, none longer than PostgreSQL takes", () => {
    const rings = Array.from({ length: 500 }, (_, n) => ({ topic: `task:${n}`, payload: { text: "ü".repeat(n) } }));
    const messages = packTopics(rings);
    expect(Math.max(...messages.map((message) => Buffer.byteLength(message)))).toBeLessThan(8_000);
    expect(messages.flatMap((message) => unpackTopics(message) ?? [])).toEqual(
      rings.map(({ topic, payload }) => [topic, payload]),
    );
  });

  it("ring a topic without its payload where that is too long", () => {
    expect(packTopics([{ topic: "t", payload: { text: "x".repeat(9_000) } }])).toEqual(['[["t",{}]]']);
  });

  it("are refused when they are not ours", () => {
    expect(unpackTopics("hello")).toBeNull();
    expect(unpackTopics('{"a":1}')).toBeNull();
  });
});

async function nextWithPayload(broadcast: LocalBroadcast, topic: string): Promise<JsonObject | null> {
  for await (const { payload } of broadcast.subscribe([topic])) if (Object.keys(payload).length > 0) return payload;
  return null;
}
