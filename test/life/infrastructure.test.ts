import { describe, expect, it } from "vitest";
import {
  advanceTask,
  createRegistry,
  failTask,
  respondToOffer,
  retryEvaluation,
  settleTask,
  type App,
} from "../../src/core/app/index.ts";
import { noteInfrastructureFailure } from "../../src/core/app/tasks/infrastructure-failure.ts";
import type { LiveArtifactStore } from "../../src/core/contract/index.ts";
import { createTestApp, type TestApp } from "../helpers/test-app.ts";
import { valueOf } from "../intake/result.ts";
import { anOperator, letBackOffsPass, openOffers, postTask, shippedBases, someMiners, taskNow } from "./a-market.ts";
import { scaledModel, sealModel, startTraining } from "./a-trained-field.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";

const market = (): Promise<TestApp & AsyncDisposable> =>
  createTestApp({
    parts: {
      bases: shippedBases,
      settings: { ...TEST_SETTINGS, uploads: { ...TEST_SETTINGS.uploads, maxBytes: 10_000_000 } },
    },
  });

/** An artefact store on a disk without room. */
const onFullDisk = (store: LiveArtifactStore, code = "ENOSPC"): LiveArtifactStore => ({
  ...store,
  put: async () => {
    throw Object.assign(new Error(`${code}: no space left on device`), { code });
  },
});

function withoutPlugins(app: App): App {
  const empty = createRegistry([]);
  if (!empty.ok) throw new Error("an empty list of plugins is refused");
  return { ...app, registry: empty.value };
}

const eventsOf = async (app: App, taskId: string) =>
  (await app.store.find("taskEvents", { taskId }, { orderBy: { sequence: "asc" } })).map(({ type }) => type);

describe("a task whose preparation meets a full disk", () => {
  it("waits, is tried again when its time has come, and goes on as if nothing had happened", async () => {
    await using test = await market();
    const { app, clock } = test;
    await someMiners(app, 2);
    const { id } = await postTask(app);
    await advanceTask({ ...app, artifacts: onFullDisk(app.artifacts) }, id);
    const held = await taskNow(app, id);
    expect(held).toMatchObject({ status: "PREPARING", infrastructureFailures: 1, blocked: null, failure: null });
    expect(held.dueAt?.getTime()).toBeGreaterThan(clock.now().getTime());

    await advanceTask(app, id);
    expect(await taskNow(app, id)).toEqual(held);
    clock.advance((held.dueAt?.getTime() ?? 0) - clock.now().getTime());
    await settleTask(app, id);
    expect(await app.store.find("outbox", { kind: "wake" })).toContainEqual(
      expect.objectContaining({ topic: "advance", payload: { taskId: id }, sequence: expect.toSatisfy((n) => n > 1) }),
    );
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING", infrastructureFailures: 0 });
  });

  it("is blocked after the third time with a notice to the operator, who lets it go on or gives it up", async () => {
    await using test = await market();
    const { app } = test;
    await someMiners(app, 2);
    const { id } = await postTask(app);
    const { id: other } = await postTask(app);
    for (const [task, code] of [
      [id, "ENOSPC"],
      [other, "53100"],
    ] as const) {
      const full = { ...app, artifacts: onFullDisk(app.artifacts, code) };
      await advanceTask(full, task);
      await letBackOffsPass(test, full, task);
      expect(await taskNow(app, task)).toMatchObject({
        status: "PREPARING",
        infrastructureFailures: 3,
        dueAt: null,
        blocked: { code: "STORAGE_FAILED", message: expect.stringContaining(code) },
      });
      expect(await app.store.count("notices", { taskId: task, code: "STORAGE_FAILED" })).toBe(1);
    }
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "PREPARING" });
    valueOf(await retryEvaluation(app, anOperator, { taskId: id }));
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING", blocked: null });
    valueOf(await failTask(app, anOperator, { taskId: other, message: "the disk is gone" }));
    expect(await taskNow(app, other)).toMatchObject({ status: "FAILED", failure: { code: "PREPARATION_FAILED" } });
  });
});

describe("a task whose plugin is gone after a restart", () => {
  it("is not failed on the customer's account, but blocked", async () => {
    await using test = await market();
    const { app } = test;
    const { id } = await postTask(app);
    await advanceTask(withoutPlugins(app), id);
    await letBackOffsPass(test, withoutPlugins(app), id);
    expect(await taskNow(app, id)).toMatchObject({ status: "PREPARING", blocked: { code: "PLUGIN_MISSING" } });
  });

  it("keeps what miners have answered while it recruits, and starts when the plugin is back", async () => {
    await using test = await market();
    const { app } = test;
    const miners = await someMiners(app, 2);
    const { id } = await postTask(app);
    await advanceTask(app, id);
    const without = withoutPlugins(app);
    for (const offer of await openOffers(app, id)) {
      const miner = miners.find(({ minerId }) => minerId === offer.minerId);
      if (miner) valueOf(await respondToOffer(without, miner, { offerId: offer.id, accept: true }));
    }
    expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING" });
    await letBackOffsPass(test, without, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING", blocked: { code: "PLUGIN_MISSING" } });
    valueOf(await retryEvaluation(app, anOperator, { taskId: id }));
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "TRAINING" });
    expect(await app.store.count("assignments", { taskId: id, status: "ACTIVE" })).toBe(2);
  });

  it("recruits again where it was delayed, as soon as the operator lets it go on", async () => {
    await using test = await market();
    const { app } = test;
    const { id } = await postTask(app);
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "DELAYED" });
    await letBackOffsPass(test, withoutPlugins(app), id);
    expect(await taskNow(app, id)).toMatchObject({ status: "DELAYED", blocked: { code: "PLUGIN_MISSING" } });
    await someMiners(app, 2);
    valueOf(await retryEvaluation(app, anOperator, { taskId: id }));
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "RECRUITING" });
  });

  it("takes its miners' seals all the same", async () => {
    await using test = await market();
    const { app } = test;
    const miners = await someMiners(app, 2);
    const { id } = await postTask(app);
    await startTraining(app, id, miners);
    for (const miner of miners) await sealModel(withoutPlugins(app), id, miner, await scaledModel(0.8), "one");
    expect(await app.store.count("submissions", { taskId: id })).toBe(2);
  });
});

describe("a training whose closing failed once", () => {
  it("has its deadline to wait for again", async () => {
    await using test = await market();
    const { app, clock } = test;
    const miners = await someMiners(app, 2);
    const { id } = await postTask(app);
    await startTraining(app, id, miners);
    await noteInfrastructureFailure(app, id, new Error("the connection broke"));
    const { dueAt, deadline } = await taskNow(app, id);
    expect(dueAt?.getTime()).toBeLessThan(deadline?.getTime() ?? 0);
    clock.advance((dueAt?.getTime() ?? 0) - clock.now().getTime());
    await settleTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "TRAINING", dueAt: deadline, deadline });
  });
});

describe("an evaluation that throws what nobody expects", () => {
  it("is tried again with back-off and blocked, with an id that is in the log instead of the words", async () => {
    await using test = await market();
    const { app } = test;
    const [miner] = await someMiners(app, 1);
    if (!miner) throw new Error("expected a miner");
    const logged: unknown[] = [];
    const broken: App = {
      ...app,
      evalRunner: { open: () => Promise.reject(new TypeError("secrets of the house")) },
      log: { ...app.log, error: (_message, fields) => logged.push(fields) },
    };
    const { id } = await postTask(app);
    await startTraining(app, id, [miner]);
    await sealModel(app, id, miner, await scaledModel(0.8), "one");
    await advanceTask(broken, id);
    await letBackOffsPass(test, broken, id);
    const { blocked } = await taskNow(app, id);
    expect(blocked).toMatchObject({ code: "UNEXPECTED", message: expect.not.stringContaining("secrets") });
    const errorId = /[0-9a-f-]{36}/.exec(blocked?.message ?? "")?.[0];
    expect(logged).toContainEqual(expect.objectContaining({ errorId, error: expect.stringContaining("secrets") }));
    expect(await eventsOf(app, id)).toEqual(
      expect.arrayContaining(["infrastructureFailed", "infrastructureFailed", "taskBlocked"]),
    );
    expect(await app.store.count("scores", { taskId: id })).toBe(0);
  });
});
