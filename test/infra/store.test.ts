import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { withTestDatabase } from "../helpers/test-database.ts";
import { aMiner, anAssignment, anOffer, aTask } from "./sample-rows.ts";

const database = withTestDatabase();

const at = (text: string): Date => new Date(`2026-03-${text}:00.000Z`);

describe("the store", () => {
  it("gives back the row that was written, column by column", async () => {
    const task = aTask({
      dueAt: at("02T10:00"),
      taskWeight: 0.1,
      spec: { text: "ünï", list: [1, 2.5, null], deep: { yes: true } },
    });
    const written = await database.store.transaction((tx) => tx.insert("tasks", task));
    expect(written).toEqual(task);
    expect(await database.store.findOne("tasks", { id: task.id })).toEqual(task);
  });

  it("fills sequences in", async () => {
    const [first, second] = await database.store.transaction(async (tx) => {
      const row = { policy: "paper", inputs: [], entries: [], empty: true, digest: "", createdAt: new Date() };
      return [
        await tx.insert("weightSets", { ...row, id: randomUUID() }),
        await tx.insert("weightSets", { ...row, id: randomUUID() }),
      ];
    });
    expect(second?.sequence).toBeGreaterThan(first?.sequence ?? Number.NaN);
  });

  it("stores a stranger's text whatever characters it holds", async () => {
    const task = aTask({ title: "nul \0 here", spec: { half: "\ud800", "\0": "\0" } });
    const written = await database.store.transaction((tx) => tx.insert("tasks", task));
    expect(written.title).toBe("nul \uFFFD here");
    expect(written.spec).toEqual({ half: "\uFFFD", "\uFFFD": "\uFFFD" });
  });

  it("lets exactly one of many writers win a compare-and-set", async () => {
    const task = aTask();
    await database.store.transaction((tx) => tx.insert("tasks", task));
    const attempts = Array.from({ length: 8 }, () =>
      database.store.transaction((tx) =>
        tx.update("tasks", { id: task.id, status: "QUEUED", version: 0 }, { status: "PREPARING", version: 1 }),
      ),
    );
    expect((await Promise.all(attempts)).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    expect((await database.store.findOne("tasks", { id: task.id }))?.version).toBe(1);
  });

  it("writes nothing of a transaction that throws", async () => {
    const task = aTask();
    const work = database.store.transaction(async (tx) => {
      await tx.insert("tasks", task);
      await tx.ring("wake", "advance", { taskId: task.id });
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(await database.store.findOne("tasks", { id: task.id })).toBeNull();
    expect(await database.store.count("outbox", { topic: "advance" })).toBe(0);
  });

  it("tries again when two transactions lock each other out", async () => {
    const [left, right] = [aMiner(), aMiner()];
    await database.store.transaction((tx) => tx.insertMany("miners", [left, right]));
    const met = Promise.withResolvers<void>();
    let waiting = 2;
    let runs = 0;
    const crossing = (first: string, second: string) =>
      database.store.transaction(async (tx) => {
        runs++;
        await tx.update("miners", { id: first }, { name: "renamed" });
        if (--waiting === 0) met.resolve();
        await met.promise;
        await tx.update("miners", { id: second }, { name: "renamed" });
      });
    await Promise.all([crossing(left.id, right.id), crossing(right.id, left.id)]);
    expect(runs).toBe(3);
    expect(await database.store.count("miners", { name: "renamed", id: { in: [left.id, right.id] } })).toBe(2);
  });

  it("inserts a key once and says so", async () => {
    const row = { principal: "p", mutation: "m", key: "k", bodyDigest: "d", result: {}, createdAt: new Date() };
    const answers = await Promise.all(
      [1, 2, 3].map(() => database.store.transaction((tx) => tx.insertIfAbsent("idempotencyKeys", row))),
    );
    expect(answers.toSorted()).toEqual([false, false, true]);
  });

  it("refuses a second score of a miner in a task", async () => {
    const [task, miner] = [aTask(), aMiner()];
    const score = {
      taskId: task.id,
      minerId: miner.id,
      submissionId: null,
      rank: null,
      taskScore: -1,
      taskWeight: 1,
      adjustedScore: -1,
    };
    const row = { ...score, reason: "R", explanation: "e", scoredAt: at("02T10:00") };
    await database.store.transaction(async (tx) => {
      await tx.insert("tasks", task);
      await tx.insert("miners", miner);
      await tx.insert("scores", row);
    });
    await expect(database.store.transaction((tx) => tx.insert("scores", row))).rejects.toThrow(/duplicate key/);
  });

  it("understands every condition", async () => {
    const kind = randomUUID();
    const rows = [1, 2, 3].map((version) => aTask({ kind, version, dueAt: version === 2 ? null : at("02T10:00") }));
    await database.store.transaction((tx) => tx.insertMany("tasks", rows));
    const versions = async (where: object): Promise<number[]> =>
      (await database.store.find("tasks", { kind, ...where }, { orderBy: { version: "asc" } })).map(
        (task) => task.version,
      );
    expect(await versions({ version: 2 })).toEqual([2]);
    expect(await versions({ version: { in: [1, 3] } })).toEqual([1, 3]);
    expect(await versions({ version: { in: [] } })).toEqual([]);
    expect(await versions({ version: { not: 2 } })).toEqual([1, 3]);
    expect(await versions({ version: { lt: 2 } })).toEqual([1]);
    expect(await versions({ version: { lte: 2 } })).toEqual([1, 2]);
    expect(await versions({ version: { gt: 2 } })).toEqual([3]);
    expect(await versions({ version: { gte: 2 } })).toEqual([2, 3]);
    expect(await versions({ dueAt: null })).toEqual([2]);
    expect(await versions({ dueAt: { not: null } })).toEqual([1, 3]);
    expect(await versions({ dueAt: { lte: at("02T10:00") } })).toEqual([1, 3]);
    expect(await versions({ version: undefined })).toEqual([1, 2, 3]);
  });

  it("finds nothing under an id that is no uuid", async () => {
    expect(await database.store.findOne("tasks", { id: "'; drop table tasks" })).toBeNull();
    expect(await database.store.count("tasks", { id: { in: ["x", "y"] } })).toBe(0);
  });

  it("leaves out rows that somebody else has locked", async () => {
    const kind = randomUUID();
    const rows = [aTask({ kind, version: 1 }), aTask({ kind, version: 2 })];
    await database.store.transaction((tx) => tx.insertMany("tasks", rows));
    await database.store.transaction(async (holder) => {
      await holder.find("tasks", { kind, version: 1 }, { lock: "update" });
      const seen = await database.store.transaction((other) => other.find("tasks", { kind }, { lock: "skip" }));
      expect(seen.map((task) => task.version)).toEqual([2]);
    });
  });
});

describe("statistics", () => {
  it("count what selection and the task mix ask for", async () => {
    const [busy, idle] = [aMiner(), aMiner()];
    const kind = randomUUID();
    const scored = aTask({ kind, status: "SCORED", scoredAt: at("05T10:00"), createdAt: at("05T08:00") });
    const old = aTask({ kind, status: "SCORED", scoredAt: at("01T10:00"), createdAt: at("01T09:00") });
    const failure = { code: "NO_VALID_SUBMISSION", message: "", stage: "EVALUATING", logTail: null } as const;
    const failed = aTask({ kind, status: "FAILED", failure, scoredAt: at("05T10:00"), createdAt: at("05T08:00") });
    const cancelled = { status: "CANCELLED", failure: { ...failure, code: "CANCELLED" } } as const;
    const early = aTask({ kind, ...cancelled, createdAt: at("05T08:00") });
    const late = aTask({ kind, ...cancelled, createdAt: at("05T08:00"), dueAt: null });
    const benchmark = aTask({ kind, origin: "BENCHMARK", createdAt: at("05T08:00"), dueAt: at("06T10:00") });
    const offer = anOffer(benchmark, busy);
    const released = anOffer(benchmark, idle);
    await database.store.transaction(async (tx) => {
      await tx.insertMany("miners", [busy, idle]);
      await tx.insertMany("tasks", [scored, old, failed, early, late, benchmark]);
      const recruiting = {
        type: "prepared",
        fromStatus: "PREPARING",
        toStatus: "RECRUITING",
        actor: "server",
        data: {},
      } as const;
      await tx.insert("taskEvents", { ...recruiting, taskId: late.id, at: at("05T08:30") });
      await tx.insertMany("offers", [offer, released]);
      await tx.insert("assignments", anAssignment(offer, { acceptedAt: at("05T09:00") }));
      await tx.insert("assignments", anAssignment(released, { acceptedAt: at("05T09:00"), status: "RELEASED" }));
      const score = {
        minerId: busy.id,
        submissionId: null,
        rank: null,
        taskWeight: 1,
        adjustedScore: 0,
        reason: "",
        explanation: "",
      };
      for (const [task, taskScore] of [
        [scored, 3],
        [old, -1],
        [failed, 0],
      ] as const) {
        await tx.insert("scores", { ...score, taskId: task.id, taskScore, scoredAt: at("05T10:00") });
      }
    });
    const since = at("04T00:00");
    expect((await database.store.averageScores(since)).get(busy.id)).toBe(3);
    expect((await database.store.averageScores(since)).has(idle.id)).toBe(false);
    expect((await database.store.demandByKind(since)).get(kind)).toBe(3);
    expect(
      [...(await database.store.minersAssignedSince(since))].filter((id) => [busy.id, idle.id].includes(id)),
    ).toEqual([busy.id]);
    expect(await database.store.minersAssignedSince(at("05T09:01"))).toEqual(new Set());
    expect((await database.store.busySlots()).get(busy.id)).toBe(1);
    expect(await database.store.nextDueAt()).toEqual(at("02T10:00"));
  });
});
