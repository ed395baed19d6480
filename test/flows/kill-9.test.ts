import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { trainReally, type WrapMaker } from "./a-working-miner.ts";
import { closeGate, type Gate, type GatePlace } from "./gate.ts";
import { heldUploads } from "./held-uploads.ts";
import { ask, ledgerLinks, outcomeOf, storedEvents, type Outcome } from "./outcome.ts";
import { MINERS, openWorld, plantSeed, type MinerName, type World, type WorldSeed } from "./small-world.ts";

let seed: WorldSeed;
let expected: Outcome;
/** Rows that the task's history has in a life without accidents. */
let ordinaryEvents: number;

beforeAll(async () => {
  seed = await plantSeed();
  await using world = await openWorld(seed, { name: "undisturbed" });
  await world.finish(await world.postTask());
  expected = await outcomeOf(world.databaseUrl);
  ordinaryEvents = await countOf(world, "task_events");
}, 300_000);

afterAll(() => seed.remove());

async function countOf(world: World, table: string, condition = "true"): Promise<number> {
  const [row] = await ask<{ count: number }>(
    world.databaseUrl,
    `select count(*)::int as count from ${table} where ${condition}`,
  );
  return row?.count ?? 0;
}

async function statusOf(world: World): Promise<string | undefined> {
  return (await ask<{ status: string }>(world.databaseUrl, "select status from tasks"))[0]?.status;
}

/** Kills the server and starts another one, which must take over the database that was left running. */
async function killAndRestart(world: World, here?: Gate): Promise<undefined>;
async function killAndRestart(world: World, here: Gate, next: GatePlace): Promise<Gate>;
async function killAndRestart(world: World, here?: Gate, next?: GatePlace): Promise<Gate | undefined> {
  const database = world.databasePid;
  await world.server.kill();
  await here?.open();
  const gate = next && (await closeGate(world.databaseUrl, next));
  await world.restart();
  expect(world.databasePid).toBe(database);
  return gate;
}

/** What must hold for every task that came to its end, however often its server was killed. */
async function expectNothingLostOrDoubled(world: World): Promise<void> {
  expect(await outcomeOf(world.databaseUrl)).toEqual(expected);
  const links = await ledgerLinks(world.databaseUrl);
  expect(links).toHaveLength(1);
  for (const { found, expected: link } of links) expect(found).toBe(link);
  for (const miner of world.miners) {
    const stored = await storedEvents(world.databaseUrl, miner.name);
    expect(stored.map(({ sequence }) => sequence)).toEqual(stored.map((_, index) => index + 1));
    expect(miner.events.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
    expect(miner.problems).toEqual([]);
  }
}

describe("a server that is killed with SIGKILL", () => {
  it(
    "finishes a task with the same result although it is killed in every state of it",
    { timeout: 300_000 },
    async () => {
      using uploads = heldUploads();
      const trained = new Map(MINERS.map((name) => [name, Promise.withResolvers<void>()]));
      const letSeal = (name: MinerName) => trained.get(name)?.resolve();
      const wrapMaker: WrapMaker = (name, usual) => async (order) => {
        await (name === "ada" ? trainReally(name) : usual)(order);
        await Promise.race([trained.get(name)?.promise, whenAborted(order.signal)]);
      };
      await using world = await openWorld(seed, { name: "killed-in-every-state", wrapMaker });
      const count = (table: string, condition?: string) => countOf(world, table, condition);

      const preparing = await closeGate(world.databaseUrl, { table: "dataset_splits", rows: 0 });
      const taskId = await world.postTask();
      await preparing.reached();
      expect(await statusOf(world)).toBe("PREPARING");
      const recruiting = await killAndRestart(world, preparing, { table: "assignments", rows: 1 });

      await recruiting.reached();
      expect(await statusOf(world)).toBe("RECRUITING");
      expect([await count("offers", "status = 'ACCEPTED'"), await count("offers", "status = 'OPEN'")]).toEqual([1, 2]);
      await killAndRestart(world, recruiting);
      expect(await count("offers", "expires_at > created_at + interval '10 seconds'")).toBe(2);

      await world.miner("ada").showsProgress();
      expect([await statusOf(world), await count("submissions")]).toEqual(["TRAINING", 0]);
      await killAndRestart(world);

      letSeal("ada");
      await world.miner("ada").heardOf("SubmissionSealed");
      uploads.holdNext();
      letSeal("cleo");
      await uploads.halfSent;
      // More than the small files beside the weights, which arrive whole.
      await vi.waitUntil(async () => (await bytesArrived(world)) > 65_536, { timeout: 90_000 });
      expect([await statusOf(world), await count("submissions")]).toEqual(["TRAINING", 1]);
      const begun = uploads.offsets.length;
      await world.server.kill();
      const arrived = await bytesArrived(world);
      const evaluating = await closeGate(world.databaseUrl, { table: "evaluations", rows: 1 });
      uploads.release();
      await world.restart();
      await world.miner("cleo").heardOf("SubmissionSealed");
      expect(uploads.offsets[begun]).toBe(arrived);
      expect(await deadlineMovedBy(world)).toBeGreaterThan(0);
      letSeal("ben");

      await evaluating.reached();
      expect([await statusOf(world), await count("evaluations")]).toEqual(["EVALUATING", 1]);
      const scored = await killAndRestart(world, evaluating, { table: "weight_sets", rows: 0 });

      await scored.reached();
      expect([await statusOf(world), await count("scores"), await count("weight_sets")]).toEqual(["SCORED", 3, 0]);
      await killAndRestart(world, scored);

      await world.finish(taskId);
      await expectNothingLostOrDoubled(world);
      expect(await world.end()).toBe(0);
    },
  );

  const moment = randomInt(1_000_000);
  it(
    `finishes a task with the same result although it evaluates early, on two devices, and is killed at a random moment (${moment})`,
    { timeout: 200_000 },
    async () => {
      await using world = await openWorld(seed, {
        name: "killed-at-random",
        settings: { GRADIENTS_EARLY_EVALUATION: "true", GRADIENTS_DEVICES: "cpu:2" },
      });
      const rows = 1 + (moment % (ordinaryEvents - 1));
      const gate = await closeGate(world.databaseUrl, { table: "task_events", rows });
      const taskId = await world.postTask();
      await gate.reached();
      await killAndRestart(world, gate);
      await world.finish(taskId);
      await expectNothingLostOrDoubled(world);
      expect(await world.end()).toBe(0);
    },
  );
});

/** Bytes that have arrived of the largest file that is on its way. */
async function bytesArrived(world: World): Promise<number> {
  const uploads = join(world.folder, "data", "uploads");
  const files = (await readdir(uploads, { recursive: true })).filter((name) => name.endsWith(".part"));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(uploads, name))).size));
  return Math.max(0, ...sizes);
}

/** By how much the deadline has moved because the server was down, in milliseconds. */
async function deadlineMovedBy(world: World): Promise<number> {
  const [row] = await ask<{ moved: number; told: number }>(
    world.databaseUrl,
    `select extract(epoch from t.deadline - t.training_started_at)::float8 * 1000 - t.granted_budget_seconds * 1000 as moved,
       (select sum((data ->> 'downtimeMs')::float8) from task_events where type = 'deadlineExtended') as told from tasks t`,
  );
  expect(row?.moved).toBeCloseTo(row?.told ?? 0, 0);
  return row?.moved ?? 0;
}

const whenAborted = (signal: AbortSignal): Promise<unknown> | undefined =>
  signal.aborted ? undefined : once(signal, "abort");
