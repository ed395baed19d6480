import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, ledgerLinks, storedEvents } from "./outcome.ts";
import { openWorld, plantSeed, type WorldSeed } from "./small-world.ts";

let seed: WorldSeed;
beforeAll(async () => {
  seed = await plantSeed();
}, 60_000);
afterAll(() => seed.remove());

it("a server whose PostgreSQL is killed starts it again and loses nothing", { timeout: 60_000 }, async () => {
  const trained = Promise.withResolvers<void>();
  await using world = await openWorld(seed, {
    name: "database-killed",
    wrapMaker: (_name, usual) => async (order) => {
      await usual(order);
      await Promise.race([trained.promise, order.signal.aborted || once(order.signal, "abort")]);
    },
  });
  const killed = world.databasePid;
  const taskId = await world.postTask();
  await world.miner("ada").heardOf("Assigned");
  process.kill(killed, "SIGKILL");
  trained.resolve();
  expect(await world.finish(taskId)).toMatchObject({ status: "SCORED" });
  expect(world.databasePid).not.toBe(killed);
  expect(await ask(world.databaseUrl, "select rank from scores order by rank")).toHaveLength(3);
  for (const { found, expected } of await ledgerLinks(world.databaseUrl)) expect(found).toBe(expected);
  for (const miner of world.miners) {
    const stored = await storedEvents(world.databaseUrl, miner.name);
    expect(miner.events.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
    expect(miner.problems).toEqual([]);
  }
  expect(await world.end()).toBe(0);
});
