import { describe, expect, it } from "vitest";
import { advanceTask, cancelTask, respondToOffer, settleTask, type App } from "../../src/core/app/index.ts";
import { createTestApp, type TestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { failure, valueOf } from "../intake/result.ts";
import {
  aCustomer,
  answerOffers,
  aTaskInput,
  openOffers,
  postTask,
  shippedBases,
  someMiners,
  taskNow,
} from "./a-market.ts";
import { servedEvents } from "./served-events.ts";
import { createTask } from "../../src/core/app/index.ts";

const market = (recruiting: Partial<App["settings"]["recruiting"]> = {}): Promise<TestApp & AsyncDisposable> =>
  createTestApp({
    parts: {
      bases: shippedBases,
      settings: {
        ...TEST_SETTINGS,
        recruiting: { ...TEST_SETTINGS.recruiting, pool: { min: 3, max: 3 }, minMiners: 2, ...recruiting },
      },
    },
  });

const eventsOf = async (app: App, minerId: string) =>
  (await app.store.find("minerEvents", { minerId }, { orderBy: { sequence: "asc" } })).map(({ type }) => type);

describe("recruiting", () => {
  it("offers the task to k miners at once and starts the training with the last answer", async () => {
    await using test = await market();
    const { app } = test;
    const miners = await someMiners(app, 5);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    expect(await openOffers(app, id)).toHaveLength(3);
    await answerOffers(app, id, miners, () => true);
    const task = await taskNow(app, id);
    expect(task).toMatchObject({ status: "TRAINING", minerTarget: 3 });
    expect(task.deadline?.getTime()).toBe(test.clock.now().getTime() + 600_000);
    const assigned = await app.store.find("assignments", { taskId: id, status: "ACTIVE" });
    expect(assigned).toHaveLength(3);
    for (const { minerId } of assigned) expect(await eventsOf(app, minerId)).toEqual(["OfferMade", "Assigned"]);
  });

  it("refills what was declined with the next miners of the same draw", async () => {
    await using test = await market();
    const { app } = test;
    const miners = await someMiners(app, 5);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    await answerOffers(app, id, miners, (position) => position > 0);
    const refill = await openOffers(app, id);
    expect(refill).toHaveLength(1);
    expect(refill[0]).toMatchObject({ wave: 1 });
    const [drawn] = await app.store.find("taskEvents", { taskId: id, type: "candidatesDrawn" });
    const order = drawn?.data["order"];
    expect(Array.isArray(order) && order[3]).toBe(refill[0]?.minerId);
    await answerOffers(app, id, miners, () => true);
    expect(await taskNow(app, id)).toMatchObject({ status: "TRAINING" });
  });

  it("closes a wave at the end of its window and goes on with those who accepted", async () => {
    await using test = await market();
    const { app, clock } = test;
    const miners = await someMiners(app, 3);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    const [silent, ...prompt] = await openOffers(app, id);
    for (const offer of prompt) {
      const miner = miners.find(({ minerId }) => minerId === offer.minerId);
      if (miner) valueOf(await respondToOffer(app, miner, { offerId: offer.id, accept: true }));
    }
    expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING", dueAt: silent?.expiresAt });
    clock.advance(TEST_SETTINGS.recruiting.offerWindowMs);
    await settleTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "TRAINING" });
  });

  it("refuses an answer after the window, and tells that it expired", async () => {
    await using test = await market();
    const { app, clock } = test;
    const [miner] = await someMiners(app, 1);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    const [offer] = await openOffers(app, id);
    if (!miner || !offer) throw new Error("expected an offer");
    clock.advance(TEST_SETTINGS.recruiting.offerWindowMs);
    expect(await respondToOffer(app, miner, { offerId: offer.id, accept: true })).toEqual(failure("OFFER_CLOSED"));
    await settleTask(app, id);
    expect(await eventsOf(app, miner.minerId)).toEqual(["OfferMade", "OfferClosed"]);
  });

  it("hides other miners' offers", async () => {
    await using test = await market();
    const { app } = test;
    const miners = await someMiners(app, 2);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    const [offer] = await openOffers(app, id);
    const other = miners.find(({ minerId }) => minerId !== offer?.minerId);
    if (!offer || !other) throw new Error("expected two miners and an offer");
    expect(await respondToOffer(app, other, { offerId: offer.id, accept: true })).toEqual(failure("NOT_FOUND"));
  });

  it("delays with a longer budget while miners are missing, releases the accepted, and gives up after the last delay", async () => {
    await using test = await market();
    const { app, clock } = test;
    const miners = await someMiners(app, 1);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    for (const delays of [1, 2]) {
      await answerOffers(app, id, miners, () => true);
      expect(await taskNow(app, id)).toMatchObject({
        status: "DELAYED",
        delays,
        grantedBudgetSeconds: 600 + 60 * delays,
      });
      expect(await app.store.count("assignments", { taskId: id, status: "RELEASED" })).toBe(delays);
      for (const miner of miners)
        expect((await servedEvents(app, miner)).at(-1)).toMatchObject({ status: "WITHDRAWN" });
      clock.advance(TEST_SETTINGS.recruiting.delayBackoffMs);
      await app.store.transaction((tx) => tx.update("miners", {}, { lastHeartbeatAt: clock.now() }));
      await settleTask(app, id);
      expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING" });
    }
    await answerOffers(app, id, miners, () => true);
    expect(await taskNow(app, id)).toMatchObject({
      status: "FAILED",
      failure: { code: "NO_MINERS", stage: "RECRUITING" },
    });
    expect(await app.store.count("scores", { taskId: id })).toBe(0);
  });

  it("offers nothing to miners that are suspended, silent, unable or full", async () => {
    await using test = await market();
    const { app, clock } = test;
    const [suspended, silent, unable, small, full, able] = await someMiners(app, 6);
    if (!suspended || !silent || !unable || !small || !full || !able) throw new Error("expected six miners");
    const patch = (minerId: string, change: object) =>
      app.store.transaction((tx) => tx.update("miners", { id: minerId }, change));
    await patch(suspended.minerId, { status: "SUSPENDED" });
    await patch(silent.minerId, { lastHeartbeatAt: new Date(clock.now().getTime() - 60_001) });
    await patch(unable.minerId, { taskTypes: ["other"] });
    await patch(small.minerId, { maxParameterCount: 1000 });
    await patch(full.minerId, { slots: 0 });
    const { id } = await postTask(app);
    await advanceTask(app, id);
    expect((await openOffers(app, id)).map(({ minerId }) => minerId)).toEqual([able.minerId]);
    const [drawn] = await app.store.find("taskEvents", { taskId: id, type: "candidatesDrawn" });
    const refused = new Map(
      ((drawn?.data["candidates"] ?? []) as { id: string; refused: string | null }[]).map((one) => [
        one.id,
        one.refused,
      ]),
    );
    expect([suspended, silent, unable, small, full, able].map(({ minerId }) => refused.get(minerId))).toEqual([
      "SUSPENDED",
      "OFFLINE",
      "TASK_TYPE",
      "PARAMETER_COUNT",
      "NO_FREE_SLOT",
      null,
    ]);
  });

  it("ends offers and assignments of a cancelled task and charges nobody", async () => {
    await using test = await market();
    const { app } = test;
    const miners = await someMiners(app, 3);
    const customer = await aCustomer(app);
    const { id } = valueOf(await createTask(app, customer, aTaskInput()));
    await advanceTask(app, id);
    await answerOffers(app, id, miners, () => true);
    expect(await cancelTask(app, await aCustomer(app), { taskId: id })).toEqual(failure("NOT_FOUND"));
    expect(valueOf(await cancelTask(app, customer, { taskId: id }))).toMatchObject({ status: "CANCELLED" });
    expect(await cancelTask(app, customer, { taskId: id })).toEqual(failure("TASK_ENDED"));
    expect(await app.store.count("assignments", { taskId: id, status: "RELEASED" })).toBe(3);
    for (const { minerId } of miners) expect((await eventsOf(app, minerId)).at(-1)).toBe("TaskCancelled");
  });
});
