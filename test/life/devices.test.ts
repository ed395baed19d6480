import { afterAll, describe, expect, it, vi } from "vitest";
import {
  advanceTask,
  listDevices,
  registerDevices,
  startShares,
  withdrawDevices,
  type App,
} from "../../src/core/app/index.ts";
import { serveDevices } from "../../src/core/app/devices/serve-devices.ts";
import { InfrastructureError } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { createLeases, dropDeadLeases } from "../../src/core/infra/db/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { anEvaluation } from "../api/rows.ts";
import { aCpuSlot, createTestApp, type TestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { silentLog } from "../infra/silent-log.ts";
import { postTask, shippedBases, someMiners, taskNow } from "./a-market.ts";
import { anotherWorker, anyBase, aSealedField, heldRunner, lossOf } from "./a-sealed-field.ts";
import { scaledModel, sealModel, startTraining } from "./a-trained-field.ts";

const host = await createTestHost();
afterAll(() => host[Symbol.asyncDispose]());

const slots = (count: number, name = "w") =>
  Array.from({ length: count }, (_, index) => aCpuSlot(`CPU-${name}-${index}`));

/** A world whose models are evaluated by the test itself. */
async function world(devices: number, parts: Partial<App> = {}) {
  const runner = heldRunner();
  const worker = { name: "w", devices: slots(devices) };
  const test = await createTestApp({ parts: { bases: anyBase, evalRunner: runner, worker, ...parts } });
  return { test, app: test.app, runner, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const evaluations = async (app: App, taskId: string) =>
  (await app.store.find("evaluations", { taskId })).map(({ submissionId, weightedLoss, attempt }) => ({
    submissionId,
    weightedLoss,
    attempt,
  }));

/** As if the process that holds these had stopped long ago, and the sweeper had seen it. */
async function loseLeases({ database }: TestApp): Promise<void> {
  await database.orm.em.fork().execute("update leases set heartbeat_at = heartbeat_at - interval '1 hour'");
  await dropDeadLeases(database.orm, TEST_SETTINGS.leases.heartbeatMs);
}

/** A task whose base could not be evaluated, for a fault of the platform's. */
async function aFailedTask({ app, runner }: Awaited<ReturnType<typeof world>>, code: string) {
  const { task } = await aSealedField(app, 0);
  const done = advanceTask(app, task.id);
  const [running] = await runner.atWork(1);
  running?.end({ status: "failed", cause: "infrastructure", code, message: "it is gone", logTail: "" });
  await done;
  return task;
}

describe("devices", () => {
  it("share one task's models, each in one session, and every model is evaluated once", async () => {
    await using at = await world(3);
    const { app, runner } = at;
    const { task, submissions } = await aSealedField(app, 5);
    const done = advanceTask(app, task.id);
    const first = await runner.atWork(3);
    expect(new Set(first.map(({ device }) => device)).size).toBe(3);
    expect((await listDevices(app)).map(({ taskId, leasedUntil }) => [taskId, leasedUntil !== null])).toEqual(
      Array.from({ length: 3 }, () => [task.id, true]),
    );
    runner.instantly = true;
    for (const one of first) one.end();
    await done;
    expect(runner.opened.map(({ device }) => device)).toEqual(
      expect.arrayContaining(slots(3).map(({ kind, uuid }) => ({ kind, uuid }))),
    );
    expect(runner.opened).toHaveLength(3);
    expect(runner.closed()).toBe(3);
    expect(await evaluations(app, task.id)).toEqual(
      expect.arrayContaining(
        [null, ...submissions.map(({ id }) => id)].map((submissionId) => ({
          submissionId,
          weightedLoss: lossOf(submissionId),
          attempt: 1,
        })),
      ),
    );
    expect(await taskNow(app, task.id)).toMatchObject({ status: "SCORED" });
    expect((await listDevices(app)).map(({ taskId, leasedUntil }) => [taskId, leasedUntil])).toEqual(
      Array.from({ length: 3 }, () => [null, null]),
    );
    expect(await app.store.count("leases", {})).toBe(0);
  });

  it("of several workers share one task, and the last result scores it", async () => {
    await using at = await world(1);
    const other = anotherWorker(at.app, { worker: { name: "v", devices: slots(1, "v") } });
    await registerDevices(other);
    const { task } = await aSealedField(at.app, 3);
    const both = [advanceTask(at.app, task.id), advanceTask(other, task.id)];
    const running = await at.runner.atWork(2);
    expect(running.map(({ device }) => device).toSorted()).toEqual(["CPU-v-0", "CPU-w-0"]);
    at.runner.instantly = true;
    for (const one of running) one.end();
    await Promise.all(both);
    expect(await taskNow(at.app, task.id)).toMatchObject({ status: "SCORED" });
    expect((await evaluations(at.app, task.id)).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
  });

  it("go to a small task after the next model, although a big one has taken them all", async () => {
    await using at = await world(2);
    const { app, runner } = at;
    const big = await aSealedField(app, 6);
    const done = serveDevices(app);
    const [one] = await runner.atWork(2);
    const small = await aSealedField(app, 1, { createdAt: new Date("2026-03-01T11:30:00.000Z") });
    one?.end();
    await vi.waitUntil(() => runner.running.some(({ taskId }) => taskId === small.task.id), { timeout: 20_000 });
    expect(runner.running.map(({ taskId }) => taskId).toSorted()).toEqual([big.task.id, small.task.id].toSorted());
    runner.instantly = true;
    for (const one of runner.running.slice()) one.end();
    await done;
    for (const { id } of [big.task, small.task]) expect(await taskNow(app, id)).toMatchObject({ status: "SCORED" });
  });

  it("that are too small for a base leave its task to others, say so once, and work on what fits", async () => {
    const device = { kind: "gpu", uuid: "GPU-little", model: "a GPU", memoryMiB: 8 * 1024 } as const;
    await using at = await world(0, { worker: { name: "w", devices: [device] } });
    const { app, runner } = at;
    runner.instantly = true;
    const large = await aSealedField(app, 1, { parameterCount: 70e9 });
    const small = await aSealedField(app, 1, { createdAt: new Date("2026-03-01T11:30:00.000Z") });
    const warn = vi.spyOn(app.log, "warn");
    for (const { id } of [large.task, small.task, large.task]) await advanceTask(app, id);
    expect(await taskNow(app, large.task.id)).toMatchObject({
      status: "EVALUATING",
      infrastructureFailures: 0,
      blocked: null,
    });
    expect(await taskNow(app, small.task.id)).toMatchObject({ status: "SCORED" });
    const message = expect.stringMatching(/needs a device with 166894 MiB, and the largest one has 8192 MiB/);
    expect(await app.store.find("notices", {})).toMatchObject([
      { taskId: large.task.id, code: "NO_FITTING_DEVICE", message },
    ]);
    expect(await app.store.find("taskEvents", { type: "deviceMissing" })).toMatchObject([
      { taskId: large.task.id, data: { message } },
    ]);
    expect(warn.mock.calls.filter(([text]) => text === "a task fits on no device")).toHaveLength(1);
    const [evaluation] = await app.store.find("evaluations", { taskId: small.task.id });
    expect(evaluation?.record).toMatchObject({ gpu: { uuid: "GPU-little", model: "a GPU", memoryMiB: 8192 } });
  });

  it("of a dead worker are free again, its models are taken over, and its late result is refused", async () => {
    await using at = await world(1);
    const { test, app, runner } = at;
    const late = heldRunner();
    const leases = createLeases(test.database.orm, { heartbeatMs: 600_000, log: silentLog });
    const dead = anotherWorker(app, { evalRunner: late, leases, worker: { name: "v", devices: slots(1, "v") } });
    await registerDevices(dead);
    const { task } = await aSealedField(app, 2);
    const deadWork = advanceTask(dead, task.id);
    const [stuck] = await late.atWork(1);
    await loseLeases(test);
    stuck?.end();
    await expect(deadWork).rejects.toThrow("was lost");
    expect(await evaluations(app, task.id)).toEqual([]);
    runner.instantly = true;
    await advanceTask(app, task.id);
    expect(await taskNow(app, task.id)).toMatchObject({ status: "SCORED", infrastructureFailures: 0 });
    expect((await evaluations(app, task.id)).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it("that lose a model to somebody else charge nobody, and go on with the next", async () => {
    await using at = await world(1);
    const { app, runner } = at;
    const { task } = await aSealedField(app, 1);
    const done = advanceTask(app, task.id);
    const [first] = await runner.atWork(1);
    await app.store.transaction((tx) => tx.remove("leases", { resource: `model:${task.id}:base` }));
    // The runner is told to stop, and ends the model.
    await vi.waitUntil(() => runner.running.some((one) => one !== first), { timeout: 20_000 });
    expect(runner.running.map(({ submissionId }) => submissionId)).not.toContain(null);
    runner.instantly = true;
    for (const one of runner.running.slice()) one.end();
    await done;
    expect(await taskNow(app, task.id)).toMatchObject({ status: "SCORED", infrastructureFailures: 0 });
    expect(await app.store.find("taskEvents", { taskId: task.id, type: "infrastructureFailed" })).toEqual([]);
  });

  it("of one sort measure all models of a task; another sort goes on only when there is no such device any more", async () => {
    const ofSort = (uuid: string, model: string) => ({ kind: "gpu", uuid, model, memoryMiB: 81_920 }) as const;
    const devices = [ofSort("GPU-1", "A"), ofSort("GPU-2", "B"), ofSort("GPU-3", "A")];
    await using at = await world(0, { worker: { name: "w", devices } });
    const { app, runner } = at;
    const { task } = await aSealedField(app, 4);
    const done = advanceTask(app, task.id);
    const running = await runner.atWork(2);
    expect(running.map(({ device }) => device).toSorted()).toEqual(["GPU-1", "GPU-3"]);
    runner.instantly = true;
    for (const one of running) one.end();
    await done;
    expect(runner.opened.map(({ device }) => device?.uuid)).not.toContain("GPU-2");
    expect(await taskNow(app, task.id)).toMatchObject({ status: "SCORED" });

    const other = await aSealedField(app, 1);
    await app.store.transaction((tx) =>
      tx.insert(
        "evaluations",
        anEvaluation(9, { taskId: other.task.id, submissionId: null, record: { gpu: { model: "gone" } } }),
      ),
    );
    await advanceTask(app, other.task.id);
    expect(await taskNow(app, other.task.id)).toMatchObject({ status: "SCORED" });
  });

  it("on which a task fails are left to other tasks for a while, if there is another device", async () => {
    await using at = await world(2);
    const { app, runner } = at;
    const task = await aFailedTask(at, "GPU_GONE");
    expect((await listDevices(app)).map(({ failedAt }) => failedAt)).toEqual([at.test.clock.now(), null]);
    runner.instantly = true;
    at.test.clock.advance(10_000);
    await advanceTask(app, task.id);
    expect(runner.opened.map(({ device }) => device?.uuid)).toEqual(["CPU-w-0", "CPU-w-1"]);
    expect(await taskNow(app, task.id)).toMatchObject({ status: "FAILED", infrastructureFailures: 1 });
  });

  it("of a worker that was killed are soon no alternative to the only one on which a task has failed", async () => {
    await using at = await world(1);
    const { app, runner } = at;
    await registerDevices(anotherWorker(app, { worker: { name: "killed", devices: slots(1, "killed") } }));
    const task = await aFailedTask(at, "EVALUATOR_CRASHED");
    runner.instantly = true;
    at.test.clock.advance(31_000);
    await registerDevices(app);
    await advanceTask(app, task.id);
    expect(runner.opened.map(({ device }) => device?.uuid)).toEqual(["CPU-w-0", "CPU-w-0"]);
  });

  it("are left alone while the runner can have no session, and nobody is charged", async () => {
    await using at = await world(1);
    const { app, runner } = at;
    const { task } = await aSealedField(app, 1);
    let missing = true;
    const ready = async () => {
      if (missing) throw new InfrastructureError("NO_DAEMON", "there is no daemon");
    };
    runner.instantly = true;
    const worker = { ...app, evalRunner: { ...runner, ready } };
    await advanceTask(worker, task.id);
    expect(await taskNow(app, task.id)).toMatchObject({ status: "EVALUATING", infrastructureFailures: 0 });
    await expect(startShares(worker)).rejects.toThrow("there is no daemon");
    missing = false;
    await advanceTask(worker, task.id);
    expect(await taskNow(app, task.id)).toMatchObject({ status: "SCORED" });
  });

  it("are registered by their worker, kept while it lives, and gone when it ends", async () => {
    await using at = await world(2);
    const { app, test } = at;
    const uuids = async () => (await listDevices(app)).map(({ uuid, worker }) => [uuid, worker]);
    test.clock.advance(59 * 60_000);
    await registerDevices(app);
    test.clock.advance(59 * 60_000);
    const successor = anotherWorker(app, { worker: { name: "v", devices: slots(1) } });
    await registerDevices(successor);
    expect(await uuids()).toEqual([
      ["CPU-w-0", "v"],
      ["CPU-w-1", "w"],
    ]);
    await withdrawDevices(app);
    expect(await uuids()).toEqual([["CPU-w-0", "v"]]);
    test.clock.advance(61 * 60_000);
    await registerDevices(anotherWorker(app, {}));
    expect(await uuids()).toEqual([]);
  });
});

it("losses of real models are the same to the last bit on one device and on two", { timeout: 120_000 }, async () => {
  const settings = { ...TEST_SETTINGS, uploads: { ...TEST_SETTINGS.uploads, maxBytes: 10_000_000 } };
  const evalRunner = localRunner.create(localRunner.options.parse({}), host);
  const worker = { name: "w", devices: slots(2) };
  await using test = await createTestApp({ parts: { bases: shippedBases, evalRunner, settings, worker } });
  const { app } = test;
  const miners = await someMiners(app, 2);
  const { id } = await postTask(app);
  await startTraining(app, id, miners);
  for (const [index, miner] of miners.entries())
    await sealModel(app, id, miner, await scaledModel(0.7 + index / 2), `miner ${index}`);
  const losses = async (on: App) => {
    await advanceTask(on, id);
    const found = await app.store.find("evaluations", { taskId: id });
    return new Map(found.map((one) => [one.submissionId, one.losses]));
  };
  const onTwo = await losses(app);
  await app.store.transaction(async (tx) => {
    await tx.remove("scores", { taskId: id });
    await tx.remove("evaluations", { taskId: id });
    await tx.update("tasks", { id }, { status: "EVALUATING" });
  });
  const onOne = await losses({ ...app, worker: { name: "w", devices: slots(1) } });
  expect(onTwo.size).toBe(3);
  expect(onOne).toEqual(onTwo);
});
