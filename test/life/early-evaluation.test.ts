import { describe, expect, it } from "vitest";
import { advanceTask, settleTask, type App } from "../../src/core/app/index.ts";
import { serveDevices } from "../../src/core/app/devices/serve-devices.ts";
import type { EvalOutcome } from "../../src/core/contract/index.ts";
import { createLeases, dropDeadLeases } from "../../src/core/infra/db/index.ts";
import { aCpuSlot, createTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { silentLog } from "../infra/silent-log.ts";
import { taskNow } from "./a-market.ts";
import { anotherWorker, anyBase, aSealedField, heldRunner, sealAgain } from "./a-sealed-field.ts";

const AN_HOUR_MS = 60 * 60_000;
const settings = { ...TEST_SETTINGS, evaluation: { ...TEST_SETTINGS.evaluation, early: true } };

async function world(parts: Partial<App> = {}) {
  const runner = heldRunner();
  const test = await createTestApp({ parts: { bases: anyBase, evalRunner: runner, settings, ...parts } });
  return { test, app: test.app, runner, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

/** All that anybody but the operator can see or hear of: rows of every table but those of the evaluations themselves. */
async function audible(app: App, taskId: string) {
  return {
    task: await taskNow(app, taskId),
    events: await app.store.find("taskEvents", { taskId }),
    rings: await app.store.find("outbox", {}, { orderBy: { sequence: "asc" } }),
    minerEvents: await app.store.count("minerEvents", {}),
    submissions: await app.store.find("submissions", { taskId }, { orderBy: { sealSequence: "asc" } }),
    assignments: await app.store.find("assignments", { taskId }, { orderBy: { id: "asc" } }),
    findings: await app.store.count("findings", {}),
    scores: await app.store.count("scores", {}),
    notices: await app.store.count("notices", {}),
  };
}

const attempts = async (app: App, taskId: string) =>
  (await app.store.find("evaluations", { taskId }))
    .map(({ submissionId, status, attempt }) => [submissionId, status, attempt] as const)
    .toSorted((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));

const refused: EvalOutcome = {
  status: "failed",
  cause: "submission",
  code: "NON_FINITE_LOSS",
  message: "not finite",
  logTail: "",
};

describe("early evaluation", () => {
  it("leaves no trace that anybody but the operator can see, whatever comes of it", async () => {
    await using at = await world();
    const { app, runner } = at;
    const { task, submissions } = await aSealedField(app, 2, { status: "TRAINING" });
    const before = await audible(app, task.id);
    const done = serveDevices(app);
    for (const outcome of [undefined, refused, undefined]) {
      const [running] = await runner.atWork(1);
      running?.end(outcome);
    }
    await done;
    expect((await attempts(app, task.id)).map(([, status]) => status).toSorted()).toEqual([
      "COMPLETED",
      "COMPLETED",
      "INVALID",
    ]);
    expect(submissions).toHaveLength(2);
    expect(await audible(app, task.id)).toEqual(before);
  });

  it("is told of at the deadline, evaluates nothing again, and the last seal counts", async () => {
    await using at = await world();
    const { app, runner, test } = at;
    runner.instantly = true;
    const { task, submissions } = await aSealedField(app, 2, { status: "TRAINING" });
    await serveDevices(app);
    const [first, second] = submissions;
    if (!first || !second) throw new Error("expected two submissions");
    const last = await sealAgain(app, task, first);
    await serveDevices(app);
    const early = await attempts(app, task.id);
    expect(early).toHaveLength(4);
    test.clock.advance(AN_HOUR_MS);
    await settleTask(app, task.id);
    const told = await app.store.find("taskEvents", { taskId: task.id, type: "modelEvaluated" });
    expect(told.map(({ data }) => data["submissionId"]).toSorted()).toEqual(
      [null, first.id, second.id, last.id].toSorted(),
    );
    await advanceTask(app, task.id);
    expect(await taskNow(app, task.id)).toMatchObject({ status: "SCORED" });
    expect(await attempts(app, task.id)).toEqual(early);
    const scores = await app.store.find("scores", { taskId: task.id });
    expect(scores.map(({ submissionId }) => submissionId).toSorted()).toEqual([last.id, second.id].toSorted());
  });

  it("that fails for the platform's fault stays silent, and is done again after the deadline", async () => {
    await using at = await world();
    const { app, runner, test } = at;
    const { task } = await aSealedField(app, 1, { status: "TRAINING" });
    const before = await audible(app, task.id);
    const done = serveDevices(app);
    for (const cause of ["infrastructure", "task"] as const) {
      const [running] = await runner.atWork(1);
      running?.end({ status: "failed", cause, code: "BROKEN", message: "no", logTail: "" });
    }
    await done;
    await serveDevices(app);
    expect(runner.opened).toHaveLength(1);
    expect(await audible(app, task.id)).toEqual(before);
    runner.instantly = true;
    test.clock.advance(AN_HOUR_MS);
    await advanceTask(app, task.id);
    expect(await taskNow(app, task.id)).toMatchObject({ status: "SCORED", infrastructureFailures: 0 });
    expect((await attempts(app, task.id)).map(([, status, attempt]) => [status, attempt])).toEqual([
      ["INFRASTRUCTURE", 1],
      ["COMPLETED", 2],
      ["INFRASTRUCTURE", 1],
      ["COMPLETED", 2],
    ]);
  });

  it("that can't even begin stays silent, and is not tried again and again", async () => {
    const bases: App["bases"] = { find: async () => null, list: async () => [] };
    await using at = await world({ bases });
    const { app } = at;
    const { task } = await aSealedField(app, 1, { status: "TRAINING" });
    const before = await audible(app, task.id);
    await serveDevices(app);
    expect(await audible(app, task.id)).toEqual(before);
    expect((await app.store.find("evaluations", { taskId: task.id })).map(({ code }) => code)).toEqual([
      "BASE_MODEL_MISSING",
      "BASE_MODEL_MISSING",
    ]);
  });

  it("gives its device up for a task whose training is over", async () => {
    await using at = await world();
    const { app, runner } = at;
    const early = await aSealedField(app, 3, { status: "TRAINING" });
    const done = serveDevices(app);
    const [running] = await runner.atWork(1);
    const due = await aSealedField(app, 1);
    running?.end();
    const [next] = await runner.atWork(1);
    expect([running?.taskId, next?.taskId]).toEqual([early.task.id, due.task.id]);
    runner.instantly = true;
    next?.end();
    await done;
    expect(await taskNow(app, due.task.id)).toMatchObject({ status: "SCORED" });
    expect(await attempts(app, early.task.id)).toHaveLength(4);
  });

  it("of a worker that is killed is taken over by the next one, before the deadline too", async () => {
    await using at = await world();
    const { app, runner, test } = at;
    const leases = createLeases(test.database.orm, { heartbeatMs: 600_000, log: silentLog });
    const worker = { name: "killed", devices: [aCpuSlot("CPU-killed-0")] };
    const killed = anotherWorker(app, { leases, evalRunner: heldRunner(), worker });
    const { task } = await aSealedField(app, 2, { status: "TRAINING" });
    // Nobody ever hears of it again.
    void serveDevices(killed).catch(() => undefined);
    await (killed.evalRunner as ReturnType<typeof heldRunner>).atWork(1);
    await test.database.orm.em.fork().execute("update leases set heartbeat_at = heartbeat_at - interval '1 hour'");
    await dropDeadLeases(test.database.orm, settings.leases.heartbeatMs);
    runner.instantly = true;
    await serveDevices(app);
    expect((await attempts(app, task.id)).map(([, status, attempt]) => [status, attempt])).toEqual([
      ["COMPLETED", 1],
      ["COMPLETED", 1],
      ["COMPLETED", 1],
    ]);
  });

  it("does not happen unless the operator asks for it", async () => {
    await using at = await world({ settings: TEST_SETTINGS });
    const { app, runner } = at;
    runner.instantly = true;
    const { task } = await aSealedField(app, 1, { status: "TRAINING" });
    await serveDevices(app);
    expect(await attempts(app, task.id)).toEqual([]);
  });
});
