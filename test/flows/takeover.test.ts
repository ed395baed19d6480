import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { closeGate } from "./gate.ts";
import { ask, outcomeOf } from "./outcome.ts";
import { openWorld, plantSeed, type World, type WorldSeed } from "./small-world.ts";

let seed: WorldSeed;
beforeAll(async () => {
  seed = await plantSeed();
}, 60_000);
afterAll(() => seed.remove());

async function rowsOf<Row extends object>(world: World, sql: string): Promise<readonly Row[]> {
  return ask<Row>(world.databaseUrl, sql);
}

const evaluationsOf = async (world: World): Promise<readonly number[]> =>
  (await rowsOf<{ attempt: number }>(world, "select attempt from evaluations")).map(({ attempt }) => attempt);

const logOf = (world: World): Promise<string> => readFile(join(world.folder, "server.log"), "utf8");

/** Every model has one result and every miner one score, whoever worked on them. */
async function expectEverythingOnce(world: World): Promise<void> {
  expect(await evaluationsOf(world)).toEqual([1, 1, 1, 1]);
  const { scores, weightSets } = await outcomeOf(world.databaseUrl);
  expect(scores).toHaveLength(3);
  expect(weightSets).toHaveLength(1);
}

it(
  "a worker takes over from one that is killed, and from one that is frozen and wakes up too late",
  { timeout: 90_000 },
  async () => {
    await using world = await openWorld(seed, { name: "workers", settings: { GRADIENTS_ROLE: "api" } });
    const killed = await world.startWorker();
    const second = await closeGate(world.databaseUrl, { table: "evaluations", rows: 1 });
    const taskId = await world.postTask();
    await second.reached();
    await killed.kill();
    await second.open();

    const frozen = await world.startWorker();
    const third = await closeGate(world.databaseUrl, { table: "evaluations", rows: 2 });
    await third.reached();
    process.kill(frozen.pid, "SIGSTOP");
    const working = await world.startWorker();
    await third.open();
    expect(await world.finish(taskId)).toMatchObject({ status: "SCORED" });
    await expectEverythingOnce(world);

    process.kill(frozen.pid, "SIGCONT");
    // It has given up what it was at, whether a job or the device's own loop had begun it.
    const givesUp = /an evaluation was broken off|a model is left to whoever took it over|"job":"advance"/;
    const refused = (line: string): boolean => line.includes(`"pid":${frozen.pid},`) && givesUp.test(line);
    await vi.waitUntil(async () => (await logOf(world)).split("\n").some(refused), { timeout: 20_000 });
    await expectEverythingOnce(world);
    expect([await frozen.stop(), await working.stop()]).toEqual([0, 0]);
  },
);

it(
  "a server that is told to stop ends what it is at, and the next one goes on from there",
  { timeout: 60_000 },
  async () => {
    await using world = await openWorld(seed, { name: "drained" });
    const gate = await closeGate(world.databaseUrl, { table: "evaluations", rows: 1 });
    const taskId = await world.postTask();
    await gate.reached();
    const stopped = world.server.stop();
    await expect.poll(() => logOf(world)).toContain("SIGTERM");
    await gate.open();
    expect(await stopped).toBe(0);
    await world.restart();
    expect(await evaluationsOf(world)).toContain(1);
    expect(await world.finish(taskId)).toMatchObject({ status: "SCORED" });
    await expectEverythingOnce(world);
    expect(await rowsOf(world, "select from task_events where type = 'infrastructureFailed'")).toEqual([]);
    expect(await world.end()).toBe(0);
  },
);

it("a server that was away without being restarted gives the time back", { timeout: 60_000 }, async () => {
  const trained = Promise.withResolvers<void>();
  await using world = await openWorld(seed, {
    name: "away",
    wrapMaker: (_name, usual) => async (order) => {
      await usual(order);
      await trained.promise;
    },
  });
  await using _trained = { [Symbol.asyncDispose]: async () => trained.resolve() };
  const taskId = await world.postTask();
  await world.miner("ada").heardOf("Assigned");
  await rowsOf(world, "update server_heartbeats set at = at - interval '1 hour'");
  // A busy machine may have seen a short gap of its own before: the last word on the deadline counts.
  const secondsGiven = async (): Promise<number> => {
    const [task] = await rowsOf<{ seconds: number }>(
      world,
      "select extract(epoch from deadline - training_started_at)::float8 as seconds from tasks",
    );
    return task?.seconds ?? 0;
  };
  await expect.poll(secondsGiven).toBeGreaterThan(3_600);
  await world.miner("ada").heardOf("DeadlineChanged");
  trained.resolve();
  expect(await world.finish(taskId)).toMatchObject({ status: "SCORED" });
});
