import { expect, it } from "vitest";
import { createBroadcast } from "../../src/core/infra/events/index.ts";

const take = async <T>(rings: AsyncIterableIterator<T>): Promise<T | "ended"> => {
  const { done, value } = await rings.next();
  return done ? "ended" : value;
};

it("a ring reaches the subscribers of its topic and nobody else", async () => {
  const broadcast = createBroadcast();
  const [left, both] = [broadcast.subscribe(["left"]), broadcast.subscribe(["left", "right"])];
  broadcast.publish("right", { n: 1 });
  broadcast.publish("left", { n: 2 });
  expect(await take(left)).toEqual({ topic: "left", payload: { n: 2 } });
  expect(await take(both)).toEqual({ topic: "right", payload: { n: 1 } });
  expect(await take(both)).toEqual({ topic: "left", payload: { n: 2 } });
});

it("a subscriber who waits already gets the next ring", async () => {
  const broadcast = createBroadcast();
  const rings = broadcast.subscribe(["topic"]);
  const waiting = take(rings);
  broadcast.publish("topic", { n: 1 });
  expect(await waiting).toEqual({ topic: "topic", payload: { n: 1 } });
});

it("the same ring is not kept twice, and a slow subscriber's rings are bounded", async () => {
  const broadcast = createBroadcast();
  const rings = broadcast.subscribe(["topic"]);
  for (let n = 0; n < 3_000; n++) broadcast.publish("topic", { n: n < 100 ? 0 : n });
  expect(await take(rings)).toEqual({ topic: "topic", payload: { n: 2_000 } });
  let left = 0;
  broadcast.publish("topic", { last: true });
  for (let ring = await take(rings); ring !== "ended" && !("last" in ring.payload); ring = await take(rings)) left++;
  expect(left).toBe(999);
});

it("a subscription ends with its signal, and with its iterator", async () => {
  const broadcast = createBroadcast();
  const stop = new AbortController();
  const [bySignal, byReturn] = [broadcast.subscribe(["topic"], stop.signal), broadcast.subscribe(["topic"])];
  const waiting = take(bySignal);
  stop.abort();
  expect(await waiting).toBe("ended");
  await byReturn.return?.();
  broadcast.publish("topic", {});
  expect(await take(byReturn)).toBe("ended");
  expect(await take(broadcast.subscribe(["topic"], stop.signal))).toBe("ended");
});

it("after a gap everybody is told to look again", async () => {
  const broadcast = createBroadcast();
  const rings = broadcast.subscribe(["one"]);
  broadcast.publishEverywhere();
  expect(await take(rings)).toEqual({ topic: "one", payload: {} });
});
