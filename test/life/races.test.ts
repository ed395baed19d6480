import { describe, expect, it } from "vitest";
import { advanceTask, cancelTask, respondToOffer, type App } from "../../src/core/app/index.ts";
import { heartbeat } from "../../src/core/app/miners/heartbeat.ts";
import { suspendMiner } from "../../src/core/app/miners/suspend-miner.ts";
import { updateCapacity } from "../../src/core/app/miners/update-capacity.ts";
import { withdraw } from "../../src/core/app/miners/withdraw.ts";
import type { LiveEvalRunner } from "../../src/core/contract/index.ts";
import { createTestApp, type TestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { aCapacity } from "../intake/a-miner.ts";
import { anAssignment } from "../intake/an-assignment.ts";
import { failure, valueOf } from "../intake/result.ts";
import { untilSomebodyWaits } from "./a-held-lock.ts";
import { anOperator, openOffers, postTask, shippedBases, someMiners, taskNow } from "./a-market.ts";
import { scaledModel, sealModel, startTraining } from "./a-trained-field.ts";

const market = (pool: number, parts: Partial<App> = {}): Promise<TestApp & AsyncDisposable> =>
  createTestApp({
    parts: {
      bases: shippedBases,
      settings: {
        ...TEST_SETTINGS,
        recruiting: { ...TEST_SETTINGS.recruiting, pool: { min: pool, max: pool } },
        uploads: { ...TEST_SETTINGS.uploads, maxBytes: 10_000_000 },
      },
      ...parts,
    },
  });

describe("a miner that accepts two offers at the same moment", () => {
  it("gets no more places than it has slots", async () => {
    await using test = await market(1);
    const { app } = test;
    const [miner] = await someMiners(app, 1);
    if (!miner) throw new Error("expected a miner");
    valueOf(await updateCapacity(app, miner, { ...aCapacity(), slots: 1 }));
    const tasks = [await postTask(app), await postTask(app), await postTask(app)];
    for (const { id } of tasks) await advanceTask(app, id);
    const offers = (await Promise.all(tasks.map(({ id }) => openOffers(app, id)))).flat();
    expect(offers).toHaveLength(3);
    const answers = await Promise.all(
      offers.map(({ id: offerId }) => respondToOffer(app, miner, { offerId, accept: true })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter(({ ok }) => !ok)).toEqual([failure("NO_FREE_SLOT"), failure("NO_FREE_SLOT")]);
    const busy = { minerId: miner.minerId, status: { in: ["ACCEPTED", "ACTIVE"] } } as const;
    expect(await app.store.count("assignments", busy)).toBe(1);
  });
});

describe("a miner that was suspended after it got an offer", () => {
  it("can't accept it any more", async () => {
    await using test = await market(1);
    const { app } = test;
    const [miner] = await someMiners(app, 1);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    const [offer] = await openOffers(app, id);
    if (!miner || !offer) throw new Error("expected an offer to the miner");
    valueOf(await suspendMiner(app, anOperator, { minerId: miner.minerId, suspended: true }));
    expect(await respondToOffer(app, miner, { offerId: offer.id, accept: true })).toEqual(failure("MINER_SUSPENDED"));
    expect(await app.store.count("assignments", { taskId: id })).toBe(0);
  });
});

describe("a miner that withdraws before the training starts", () => {
  it("is no longer counted, and its place is offered to the next one", async () => {
    await using test = await market(2);
    const { app } = test;
    const miners = await someMiners(app, 3);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    const [first, second] = await openOffers(app, id);
    const minerOf = (offer: typeof first) => {
      const miner = miners.find(({ minerId }) => minerId === offer?.minerId);
      if (!miner || !offer) throw new Error("expected an offer to one of the miners");
      return { miner, offerId: offer.id };
    };
    const [early, late] = [minerOf(first), minerOf(second)];
    valueOf(await respondToOffer(app, early.miner, { offerId: early.offerId, accept: true }));
    const place = await app.store.findOne("assignments", { taskId: id, minerId: early.miner.minerId });
    valueOf(await withdraw(app, early.miner, { assignmentId: place?.id ?? "" }));
    valueOf(await respondToOffer(app, late.miner, { offerId: late.offerId, accept: true }));
    expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING" });
    const refill = await openOffers(app, id);
    expect(refill.map(({ minerId }) => minerId)).toEqual(
      miners.map(({ minerId }) => minerId).filter((one) => one !== early.miner.minerId && one !== late.miner.minerId),
    );
    const third = minerOf(refill[0]);
    valueOf(await respondToOffer(app, third.miner, { offerId: third.offerId, accept: true }));
    expect(await taskNow(app, id)).toMatchObject({ status: "TRAINING" });
    expect(await app.store.count("assignments", { taskId: id, status: "ACTIVE" })).toBe(2);
  });
});

describe("a heartbeat with progress", () => {
  it("never holds its miner while it waits for the assignment: whoever ends the assignment tells the miner next", async () => {
    await using test = await market(1);
    const { app, database } = test;
    const { miner, assignmentId } = await anAssignment(app);
    let beat: Promise<unknown> | undefined;
    await database.orm.em.fork().transactional(async (em) => {
      await em.execute("set local lock_timeout = '500ms'");
      await em.execute("update assignments set status = 'SEALED' where id = ?", [assignmentId]);
      beat = heartbeat(app, miner, { assignmentId, step: 1, steps: 2 });
      await untilSomebodyWaits(test);
      await em.execute("update miners set event_sequence = event_sequence + 1 where id = ?", [miner.minerId]);
    });
    expect(await beat).toEqual(failure("ASSIGNMENT_NOT_ACTIVE"));
  });
});

/** A tenth of the rows that are posted. */
const TEST_ROWS = 4;

describe("a task that is cancelled while it is evaluated", () => {
  it("keeps the results that are there and evaluates nothing more", async () => {
    let evaluated = 0;
    let cancel = async (): Promise<void> => undefined;
    const record = { runner: "test", device: "none", image: null, evaluator: "test", libraries: {} };
    const evalRunner: LiveEvalRunner = {
      open: async () => ({
        record,
        async run() {
          evaluated += 1;
          if (evaluated === 2) await cancel();
          const rows = Array.from({ length: TEST_ROWS }, () => ({ loss: 1, tokens: 1 }));
          const test = { rows, loss: 1, tokenLoss: 1 };
          return { status: "completed", output: { sets: { test }, durationMs: 1 }, durationMs: 1 };
        },
        [Symbol.asyncDispose]: async () => undefined,
      }),
    };
    await using test = await market(3, { evalRunner });
    const { app } = test;
    const miners = await someMiners(app, 3);
    const { id } = await postTask(app);
    await startTraining(app, id, miners);
    for (const [index, miner] of miners.entries())
      await sealModel(app, id, miner, await scaledModel(0.8 + index / 10), `miner ${index}`);
    cancel = async () => void valueOf(await cancelTask(app, anOperator, { taskId: id }));
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "CANCELLED" });
    expect(evaluated).toBe(2);
    expect(await app.store.count("evaluations", { taskId: id })).toBe(1);
    expect(await app.store.count("scores", { taskId: id })).toBe(0);
  });
});
