import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRng } from "../../src/core/domain/index.ts";
import type { App, Store } from "../../src/core/app/index.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { createApi } from "../../src/schema/index.ts";
import { aCompetitor, type Competitor } from "./a-world.ts";
import { nextData, openSocket, subscribe, type TestSocket } from "./test-socket.ts";
import { withTestApi } from "./with-test-api.ts";

const EVENTS = /* GraphQL */ `
  subscription ($after: String) {
    minerEvents(after: $after) {
      __typename
      id
      cursor
      ... on Notice {
        message
      }
      ... on Assigned {
        title
        files {
          path
          url
        }
      }
    }
  }
`;

interface Event {
  readonly __typename: string;
  readonly id: string;
  readonly cursor: string;
  readonly message?: string;
  readonly files?: readonly { readonly path: string; readonly url: string }[];
}

const nextEvent = async (socket: TestSocket): Promise<Event> =>
  (await nextData<{ minerEvents: Event }>(socket)).minerEvents;

/** The code of the error that ends an operation. */
async function refusal(socket: TestSocket): Promise<string | undefined> {
  const { payload } = (await socket.next()) as { payload: { errors: { extensions: { code: string } }[] } };
  expect((await socket.next()).type).toBe("complete");
  return payload.errors[0]?.extensions.code;
}

/** Stores events in one transaction and rings, as the outbox relay does after the commit. */
async function tell(app: App, { miner }: Competitor, messages: readonly string[]): Promise<void> {
  const at = app.clock.now();
  await app.store.transaction((tx) =>
    tx.appendMinerEvents(
      messages.map((message) => ({
        id: randomUUID(),
        minerId: miner.id,
        type: "Notice",
        taskId: null,
        payload: { code: "TEST", message },
        at,
      })),
    ),
  );
  app.broadcast.publish(`miner:${miner.id}`, {});
}

describe("minerEvents", () => {
  const api = withTestApi();

  it("replays what was before it came, then stays live, in order", async () => {
    const alice = await aCompetitor(api.app);
    await tell(api.app, alice, ["1", "2"]);
    const socket = await openSocket(api.url, { token: alice.token });
    subscribe(socket, "a", EVENTS);
    const seen = [await nextEvent(socket), await nextEvent(socket)];
    await tell(api.app, alice, ["3"]);
    seen.push(await nextEvent(socket));
    expect(seen.map(({ message }) => message)).toEqual(["1", "2", "3"]);
    socket.terminate();
  });

  it("goes on behind a cursor", async () => {
    const alice = await aCompetitor(api.app);
    await tell(api.app, alice, ["1", "2", "3"]);
    const first = await openSocket(api.url, { authorization: `Bearer ${alice.token}` });
    subscribe(first, "a", EVENTS);
    const { cursor: after } = await nextEvent(first);
    first.terminate();
    const second = await openSocket(api.url, { token: alice.token });
    subscribe(second, "a", EVENTS, { after });
    expect([(await nextEvent(second)).message, (await nextEvent(second)).message]).toEqual(["2", "3"]);
    second.terminate();
  });

  it("replays a backlog longer than one read", async () => {
    const alice = await aCompetitor(api.app);
    const messages = Array.from({ length: 250 }, (_, index) => String(index));
    await tell(api.app, alice, messages);
    const socket = await openSocket(api.url, { token: alice.token });
    subscribe(socket, "a", EVENTS);
    const seen: (string | undefined)[] = [];
    for (const _ of messages) seen.push((await nextEvent(socket)).message);
    expect(seen).toEqual(messages);
    socket.terminate();
  });

  it("misses nothing and repeats nothing by id while the socket drops at random moments", async () => {
    const alice = await aCompetitor(api.app);
    const rng = createRng(new TextEncoder().encode("drop the socket at random moments"));
    const total = 300;
    const seen = new Map<string, string>();
    let after: string | null = null;
    let drops = 0;

    const write = async () => {
      for (let next = 0; next < total;) {
        const burst = Math.min(total - next, 1 + Math.floor(rng() * 12));
        await tell(
          api.app,
          alice,
          Array.from({ length: burst }, (_, index) => String(next + index)),
        );
        next += burst;
      }
    };
    const read = async () => {
      while (seen.size < total) {
        const socket = await openSocket(api.url, { token: alice.token });
        subscribe(socket, "a", EVENTS, { after });
        const patience = 1 + Math.floor(rng() * 20);
        for (let taken = 0; taken < patience && seen.size < total; taken += 1) {
          const event = await nextEvent(socket);
          after = event.cursor;
          seen.set(event.id, event.message ?? "");
        }
        // Hard, and with whatever was on its way.
        socket.terminate();
        drops += 1;
      }
    };
    await Promise.all([write(), read()]);
    expect([...seen.values()]).toEqual(Array.from({ length: total }, (_, index) => String(index)));
    expect(drops).toBeGreaterThan(10);
  });

  it("gives links to the files of an assignment when it serves them, not when it stores them", async () => {
    const alice = await aCompetitor(api.app);
    const sha256 = "ab".repeat(32);
    const payload = {
      assignmentId: randomUUID(),
      taskId: randomUUID(),
      kind: "instruct",
      title: "train this",
      baseModel: { repo: "a/b", revision: "0".repeat(40), parameterCount: 5, contextLength: 8 },
      files: [{ name: "train.jsonl", path: "data/train.jsonl", bytes: 10, sha256 }],
      artifactKinds: ["LORA"],
      deadline: "2026-03-01T13:00:00.000Z",
      submissionSlots: 5,
    };
    await api.app.store.transaction((tx) =>
      tx.appendMinerEvents([
        { id: randomUUID(), minerId: alice.miner.id, type: "Assigned", taskId: null, payload, at: api.clock.now() },
      ]),
    );
    const socket = await openSocket(api.url, { token: alice.token });
    subscribe(socket, "a", EVENTS);
    const { __typename, files } = await nextEvent(socket);
    expect(__typename).toBe("Assigned");
    const link = new URL(files?.[0]?.url ?? "");
    expect(link.origin).toBe(api.url);
    expect(link.pathname).toBe(`/files/${sha256}/train.jsonl`);
    socket.terminate();
  });

  it("is for the token's miner only: no token, no events, and no cursor of somebody else", async () => {
    const [alice, bob] = [await aCompetitor(api.app), await aCompetitor(api.app)];
    await tell(api.app, alice, ["for alice"]);
    const nobody = await openSocket(api.url, {});
    subscribe(nobody, "a", EVENTS);
    expect(await refusal(nobody)).toBe("UNAUTHENTICATED");

    const her = await openSocket(api.url, { token: alice.token });
    subscribe(her, "a", EVENTS);
    const { cursor: after } = await nextEvent(her);
    const him = await openSocket(api.url, { token: bob.token });
    for (const [id, cursor] of Object.entries({ hers: after, nonsense: "bm9uc2Vuc2U" })) {
      subscribe(him, id, EVENTS, { after: cursor });
      expect([id, await refusal(him)]).toEqual([id, "CURSOR_INVALID"]);
    }
    for (const socket of [nobody, her, him]) socket.terminate();
  });
});

describe("minerEvents and an event between the backlog and the first ring", () => {
  it("delivers it", async () => {
    await using world = await createTestApp();
    const { app } = world;
    const alice = await aCompetitor(app);
    let raced = false;
    const store: Store = {
      ...app.store,
      find: async (table, where, options) => {
        const rows = await app.store.find(table, where, options);
        if (table === "minerEvents" && !raced) {
          raced = true;
          await tell(app, alice, ["in between"]);
        }
        return rows;
      },
    };
    const api = await createApi({ app: { ...app, store } });
    const socket = await openSocket(api.url, { token: alice.token });
    subscribe(socket, "a", EVENTS);
    expect((await nextEvent(socket)).message).toBe("in between");
    await api.stop();
    expect(await socket.closed).toMatchObject({ code: 1001 });
  });
});
