import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createUpload } from "../../src/core/app/uploads/create-upload.ts";
import { present } from "../../src/sdk/index.ts";
import { extendForDowntime, type App, type JobQueue } from "../../src/core/app/index.ts";
import { startBackground } from "../../src/core/infra/background.ts";
import { createBroadcast } from "../../src/core/infra/events/index.ts";
import { anAssignment, anOffer, aTask } from "../api/rows.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { someMiners, taskNow } from "./a-market.ts";

const GRACE_MS = 6_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A market whose server has just given a sign of life, with a task in training and an offer that is open. */
async function market() {
  const test = await createTestApp();
  const { app, clock } = test;
  const beat = (): Promise<void> => extendForDowntime(app, GRACE_MS, true);
  await beat();
  const [miner] = await someMiners(app, 1);
  const minerId = miner?.minerId ?? "";
  const deadline = inMinutes(app, 10);
  const expiresAt = inMinutes(app, 1);
  const { taskId, offerId, assignmentId } = await app.store.transaction(async (tx) => {
    const task = await tx.insert("tasks", aTask({ status: "TRAINING", deadline, dueAt: deadline }));
    const offer = await tx.insert("offers", anOffer({ taskId: task.id, minerId, status: "OPEN", expiresAt }));
    const assignment = await tx.insert(
      "assignments",
      anAssignment({ taskId: task.id, minerId, offerId: offer.id, status: "ACTIVE", endedAt: null }),
    );
    return { taskId: task.id, offerId: offer.id, assignmentId: assignment.id };
  });
  /** What is left of training and offer, and how long ago the miner was heard of, in minutes. */
  const left = async () => {
    const minutes = (moment: Date | null | undefined) =>
      ((moment?.getTime() ?? Number.NaN) - clock.now().getTime()) / MINUTE_MS;
    const task = await taskNow(app, taskId);
    return {
      deadline: minutes(task.deadline),
      due: minutes(task.dueAt),
      offer: minutes((await app.store.findOne("offers", { id: offerId }))?.expiresAt),
      miner: minutes((await app.store.findOne("miners", { id: minerId }))?.lastHeartbeatAt),
    };
  };
  /** Begins an upload, as a miner does before its seal. */
  const upload = () =>
    createUpload(app, present(miner, "miner"), { idempotencyKey: randomUUID(), assignmentId, files });
  return { ...test, taskId, beat, left, upload, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const files = [
  { path: "model.safetensors", bytes: 1, sha256: "0".repeat(64) },
  { path: "config.json", bytes: 1, sha256: "1".repeat(64) },
];

const inMinutes = (app: App, minutes: number): Date => new Date(app.clock.now().getTime() + minutes * MINUTE_MS);

describe("the time that is left to miners", () => {
  it("does not pass while no server is there", async () => {
    await using at = await market();
    at.clock.advance(HOUR_MS);
    await at.beat();
    expect(await at.left()).toEqual({ deadline: 10, due: 10, offer: 1, miner: 0 });
  });

  it("is the same after the clock was set an hour ahead and back again, and again, and miners are told each time", async () => {
    await using at = await market();
    const jumps = [HOUR_MS, -HOUR_MS, HOUR_MS, -HOUR_MS];
    for (const jump of jumps) {
      at.clock.advance(jump);
      await at.beat();
      expect(await at.left()).toEqual({ deadline: 10, due: 10, offer: 1, miner: 0 });
    }
    expect(await at.app.store.count("minerEvents", { type: "DeadlineChanged" })).toBe(jumps.length);
  });

  it("does not pass while a server is away after the clock was set back", async () => {
    await using at = await market();
    at.clock.advance(-HOUR_MS);
    await at.beat();
    at.clock.advance(10 * MINUTE_MS);
    await at.beat();
    expect(await at.left()).toEqual({ deadline: 10, due: 10, offer: 1, miner: 0 });
  });

  it("is not over for a miner that comes before the first heartbeat after an absence, and over at the deadline", async () => {
    await using at = await market();
    at.clock.advance(HOUR_MS);
    expect(await at.upload()).toMatchObject({ ok: true });
    await at.beat();
    expect(await at.left()).toMatchObject({ deadline: 10 });
    for (let beats = 0; beats < 10 * 12; beats += 1) {
      at.clock.advance(GRACE_MS - 1_000);
      await at.beat();
    }
    expect(await at.left()).toMatchObject({ deadline: 0 });
    expect(await at.upload()).toMatchObject({ ok: false, error: { code: "DEADLINE_PASSED" } });
  });

  it("is over at the deadline also before the next heartbeat", async () => {
    await using at = await market();
    const minutes = (await at.left()).deadline;
    at.clock.advance(minutes * MINUTE_MS - 1_000);
    await at.app.store.transaction((tx) => tx.update("serverHeartbeats", {}, { at: at.clock.now() }));
    at.clock.advance(2_000);
    expect(await at.upload()).toMatchObject({ ok: false, error: { code: "DEADLINE_PASSED" } });
  });

  it("is no matter of servers whose clocks differ by seconds", async () => {
    await using at = await market();
    for (const skew of [4_000, -4_000, 4_000, -4_000]) {
      at.clock.advance(skew);
      await at.beat();
    }
    expect(await at.left()).toMatchObject({ deadline: 10, offer: 1 });
  });

  it("is made up for before a job may end a training whose deadline has passed meanwhile", async () => {
    await using at = await market();
    const handler = Promise.withResolvers<Parameters<JobQueue["work"]>[1]>();
    const queue: JobQueue = {
      ring: async () => undefined,
      work: async (_concurrency, work) => handler.resolve(work),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const background = await startBackground({
      app: at.app,
      orm: at.database.orm,
      url: at.database.url,
      queue,
      broadcast: createBroadcast(),
      // The next heartbeat is not before the test has ended.
      serverHeartbeatMs: 10 * MINUTE_MS,
      leases: { onRoom: () => undefined },
      concurrency: 1,
      fetches: 1,
      serves: true,
    });
    try {
      at.clock.advance(HOUR_MS);
      const work = await handler.promise;
      await work({ name: "advance", data: { taskId: at.taskId } });
      expect(await taskNow(at.app, at.taskId)).toMatchObject({ status: "TRAINING" });
      expect(await at.left()).toMatchObject({ deadline: 10 });
    } finally {
      await background.stop();
    }
  });
});
