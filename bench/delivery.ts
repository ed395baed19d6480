// How long an event takes to ten addressed miners among many: our topics against a filter in front of every
// subscriber, everything else alike (the whole API, PostgreSQL, real sockets, clients in another process):
//   npm run build && node bench/delivery.ts [sockets …]      (default: 1000 5000)
import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import type { App, Broadcast, MinerRecord } from "../src/core/app/index.ts";
import type * as MinerIdModule from "../src/core/app/miners/miner-id.ts";
import type * as MinerTokenModule from "../src/core/app/miners/miner-token.ts";
import type { Order, Receipt } from "./api/many-sockets.ts";
import { createFilteringBroadcast } from "./api/filtering-broadcast.ts";
import { built, openWorld, quantile, schema } from "./api/world.ts";

const { minerIdOf } = (await built("core/app/miners/miner-id")) as typeof MinerIdModule;
const { issueMinerToken } = (await built("core/app/miners/miner-token")) as typeof MinerTokenModule;

const RECIPIENTS = 10;
const EVENTS = 60;
const WARM_UP = 10;
const sizes = process.argv.slice(2).map(Number);

/** Counts listeners, so that we know when everybody listens. */
function counted(broadcast: Broadcast): {
  readonly broadcast: Broadcast;
  untilListened(listeners: number): Promise<void>;
} {
  let listeners = 0;
  let check = (): void => undefined;
  return {
    broadcast: {
      publish: (topic, payload) => broadcast.publish(topic, payload),
      subscribe(topics, signal) {
        listeners += 1;
        check();
        return broadcast.subscribe(topics, signal);
      },
    },
    untilListened: (wanted) =>
      new Promise((resolve) => {
        check = () => (listeners >= wanted ? resolve() : undefined);
        check();
      }),
  };
}

async function register({ store, ids }: App, count: number): Promise<readonly MinerRecord[]> {
  const miners = Array.from({ length: count }, (_, index): MinerRecord => {
    const hotkey = `bench ${index}`;
    const status = "ACTIVE";
    const row = {
      hotkey,
      status,
      name: hotkey,
      taskTypes: [],
      maxParameterCount: 1,
      slots: 1,
      eventSequence: 0,
    } as const;
    return { ...row, id: minerIdOf({ ids }, hotkey), lastHeartbeatAt: null, createdAt: new Date() };
  });
  await store.transaction((tx) => tx.insertMany("miners", miners));
  return miners;
}

/** Stores one event for each of those miners and rings; resolves to how long each took from the ring to the client. */
async function deliver(app: App, clients: ChildProcess, miners: readonly MinerRecord[]): Promise<readonly number[]> {
  const event = { type: "Notice", taskId: null, payload: { code: "BENCH", message: "now" }, at: new Date() };
  const ids = new Set<string>(miners.map(() => randomUUID()));
  const events = [...ids].map((id, index) => ({ ...event, id, minerId: miners[index]?.id ?? "" }));
  await app.store.transaction((tx) => tx.appendMinerEvents(events));
  const arrived: number[] = [];
  const rungAt = performance.timeOrigin + performance.now();
  const all = new Promise<void>((resolve) => {
    clients.on("message", function take(receipt: Receipt) {
      if (ids.delete(receipt.id)) arrived.push(receipt.at - rungAt);
      if (ids.size > 0) return;
      clients.off("message", take);
      resolve();
    });
  });
  for (const { id } of miners) app.broadcast.publish(`miner:${id}`, {});
  await all;
  return arrived;
}

async function measure(app: App, miners: readonly MinerRecord[], inner: Broadcast): Promise<readonly number[]> {
  const listening = counted(inner);
  const world = { ...app, broadcast: listening.broadcast };
  const api = await schema.createApi({ app: world, limits: { connectionInitMs: 120_000 } });
  const clients = fork(new URL("./api/many-sockets.ts", import.meta.url));
  clients.on("exit", (code) => {
    if (code !== null) throw new Error(`the clients ended with ${code}`);
  });
  const order: Order = { url: api.url, tokens: miners.map(({ hotkey }) => issueMinerToken(app, hotkey).token) };
  clients.send(order);
  await listening.untilListened(miners.length);
  const latencies: number[] = [];
  for (let event = 0; event < WARM_UP + EVENTS; event += 1) {
    const chosen = Array.from(
      { length: RECIPIENTS },
      (_, index) => miners[(event * 7919 + index * 104_729) % miners.length],
    );
    const recipients = [...new Set(chosen.filter((miner) => miner !== undefined))];
    const seen = await deliver(world, clients, recipients);
    if (event >= WARM_UP) latencies.push(...seen);
  }
  clients.kill("SIGKILL");
  await once(clients, "exit");
  await api.stop();
  // What is stored would be replayed to the next design's sockets.
  await app.store.transaction((tx) => tx.remove("minerEvents", {}));
  return latencies;
}

console.log(`| sockets | design | p50 ms | p99 ms | filter / topics (p50) | (${availableParallelism()} cores)`);
console.log("| --- | --- | --- | --- | --- |");
const topicMedians: number[] = [];
for (const size of sizes.length > 0 ? sizes : [1_000, 5_000]) {
  await using world = await openWorld();
  const { app } = world;
  const miners = await register(app, size);
  const topics = await measure(app, miners, app.broadcast);
  const filter = await measure(app, miners, createFilteringBroadcast());
  const [fast, slow] = [quantile(topics, 0.5), quantile(filter, 0.5)];
  topicMedians.push(fast);
  console.log(`| ${size} | topics | ${fast.toFixed(1)} | ${quantile(topics, 0.99).toFixed(1)} | |`);
  console.log(
    `| ${size} | filter | ${slow.toFixed(1)} | ${quantile(filter, 0.99).toFixed(1)} | ${(slow / fast).toFixed(1)} |`,
  );
}
const [first = Number.NaN] = topicMedians;
console.log(
  `\ntopics, last size / first size: ${((topicMedians.at(-1) ?? Number.NaN) / first).toFixed(2)} (flat is 1)`,
);
