import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createClient, fileCursor, memoryCursor, minerEvents, type Backoff } from "../../src/sdk/index.ts";
import { startEventServer } from "./event-server.ts";

const backoff: Backoff = { firstMs: 1, maxMs: 5, random: () => 0.5 };
const TOTAL = 40;
const inOrder = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `event-${index + 1}`);

describe("minerEvents", () => {
  it("hands over every event once and in order although the socket breaks again and again", async () => {
    await using server = await startEventServer(TOTAL, (sent) => sent % 7 === 0);
    await using client = createClient({ url: server.url, token: "t", backoff });
    const stop = new AbortController();
    const received: string[] = [];
    let disconnections = 0;
    await minerEvents(client, {
      cursor: memoryCursor(),
      signal: stop.signal,
      backoff,
      onEvent: ({ id }) => {
        received.push(id);
        if (received.length === TOTAL) stop.abort();
      },
      onUnauthenticated: () => Promise.reject(new Error("the token is good")),
      onDisconnected: () => {
        disconnections += 1;
      },
    });
    expect(received).toEqual(inOrder(TOTAL));
    expect(disconnections).toBeGreaterThan(0);
  });

  it("goes on after the stored cursor in a new process, without the events that were handled", async () => {
    await using server = await startEventServer(TOTAL, () => false);
    const folder = await mkdtemp(join(tmpdir(), "gradients-cursor-"));
    try {
      const received: string[] = [];
      for (const until of [15, TOTAL]) {
        await using client = createClient({ url: server.url, token: "t", backoff });
        const stop = new AbortController();
        await minerEvents(client, {
          cursor: fileCursor(join(folder, "cursor.json")),
          signal: stop.signal,
          backoff,
          onEvent: ({ id }) => {
            received.push(id);
            if (received.length === until) stop.abort();
          },
          onUnauthenticated: () => Promise.resolve(),
        });
      }
      expect(received).toEqual(inOrder(TOTAL));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("does not move on behind an event whose handling failed", async () => {
    await using server = await startEventServer(TOTAL, () => false);
    await using client = createClient({ url: server.url, token: "t", backoff });
    const cursor = memoryCursor();
    const failing = minerEvents(client, {
      cursor,
      signal: new AbortController().signal,
      backoff,
      onEvent: ({ id }) => {
        if (id === "event-3") throw new Error("disk full");
      },
      onUnauthenticated: () => Promise.resolve(),
    });
    await expect(failing).rejects.toThrow("disk full");
    expect((await cursor.load()).cursor).toBe("2");
  });

  it("gets a new token when the old one is refused", async () => {
    await using server = await startEventServer(1, () => false);
    server.requireToken("fresh");
    await using client = createClient({ url: server.url, token: "stale", backoff });
    const stop = new AbortController();
    const received: string[] = [];
    await minerEvents(client, {
      cursor: memoryCursor(),
      signal: stop.signal,
      backoff,
      onEvent: ({ id }) => {
        received.push(id);
        stop.abort();
      },
      onUnauthenticated: () => {
        client.setToken("fresh");
        return Promise.resolve();
      },
    });
    expect(received).toEqual(["event-1"]);
    expect(server.tokens).toEqual(["Bearer stale", "Bearer fresh"]);
  });

  it("ends at the caller's word although the server has not answered the connection", async () => {
    const stop = new AbortController();
    const mute = createServer(() => stop.abort()).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = z.object({ port: z.number() }).parse(mute.address());
    try {
      await using client = createClient({ url: `http://127.0.0.1:${port}`, token: "t", backoff });
      const following = minerEvents(client, {
        cursor: memoryCursor(),
        signal: stop.signal,
        backoff,
        onEvent: () => Promise.reject(new Error("nothing was sent")),
        onUnauthenticated: () => Promise.reject(new Error("nothing was refused")),
      });
      await expect(following).resolves.toBeUndefined();
    } finally {
      mute.close();
    }
    await once(mute, "close");
  });

  it("subscribes again for as long as the server fails for a reason of its own", async () => {
    await using server = await startEventServer(1, () => false);
    server.failNext(20);
    await using client = createClient({ url: server.url, token: "t", backoff });
    const stop = new AbortController();
    const problems = new Set<string>();
    await minerEvents(client, {
      cursor: memoryCursor(),
      signal: stop.signal,
      backoff,
      onEvent: () => stop.abort(),
      onUnauthenticated: () => Promise.reject(new Error("the token is good")),
      onDisconnected: ({ message }) => problems.add(message),
    });
    expect([...problems]).toEqual(["our database is away"]);
  });
});
