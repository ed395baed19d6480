import { afterEach, expect, it } from "vitest";
import { startAlarmClock, startSweeper, type Repeated } from "../../src/core/infra/events/index.ts";
import { withTestDatabase } from "../helpers/test-database.ts";
import { aTask } from "./sample-rows.ts";
import { silentLog } from "./silent-log.ts";

const database = withTestDatabase();
const started: Repeated[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((part) => part.stop()));
  await database.store.transaction((tx) => tx.remove("tasks", {}));
});

const NOW = new Date("2026-03-01T12:00:00.000Z");
const after = (ms: number): Date => new Date(NOW.getTime() + ms);

/** An alarm over a clock that stands still; `settled` gets each id it settles. */
function anAlarm(settle: (taskId: string) => Promise<void>, now: () => Date = () => NOW): Repeated {
  const { orm, store } = database;
  const alarm = startAlarmClock({ orm, store, clock: { now }, log: silentLog, settle });
  started.push(alarm);
  return alarm;
}

it("settles the tasks that are due, the longest due first, and no others", async () => {
  const failure = { code: "CANCELLED", message: "", stage: "QUEUED", logTail: null } as const;
  const [late, later, future] = [
    aTask({ dueAt: after(-2_000) }),
    aTask({ dueAt: after(0) }),
    aTask({ dueAt: after(60_000) }),
  ];
  const over = aTask({ dueAt: after(-9_000), status: "CANCELLED", failure });
  await database.store.transaction((tx) => tx.insertMany("tasks", [future, later, over, late, aTask()]));
  const settled: string[] = [];
  const both = Promise.withResolvers<void>();
  anAlarm(async (id) => {
    settled.push(id);
    await database.store.transaction((tx) => tx.update("tasks", { id }, { dueAt: null }));
    if (settled.length === 2) both.resolve();
  });
  await both.promise;
  expect(settled).toEqual([late.id, later.id]);
});

it("is re-armed by the bell when a task becomes due", async () => {
  const settled = Promise.withResolvers<string>();
  const alarm = anAlarm(async (id) => settled.resolve(id));
  const task = aTask({ dueAt: after(0) });
  await database.store.transaction((tx) => tx.insert("tasks", task));
  alarm.run();
  expect(await settled.promise).toBe(task.id);
});

it("wakes up by itself at the next moment", async () => {
  const task = aTask({ dueAt: new Date(Date.now() + 50) });
  await database.store.transaction((tx) => tx.insert("tasks", task));
  const settled = Promise.withResolvers<string>();
  anAlarm(
    async (id) => settled.resolve(id),
    () => new Date(),
  );
  expect(await settled.promise).toBe(task.id);
});

it("goes on to the next task when one can't be settled, and comes back to it", async () => {
  const [broken, sound] = [aTask({ dueAt: after(-2) }), aTask({ dueAt: after(-1) })];
  await database.store.transaction((tx) => tx.insertMany("tasks", [broken, sound]));
  const settled: string[] = [];
  const again = Promise.withResolvers<void>();
  anAlarm(async (id) => {
    settled.push(id);
    if (settled.length >= 3) again.resolve();
    if (id === broken.id) throw new Error("no");
    await database.store.transaction((tx) => tx.update("tasks", { id }, { dueAt: null }));
  });
  await again.promise;
  expect(settled.slice(0, 3)).toEqual([broken.id, sound.id, broken.id]);
});

it("the sweeper rings at its start for every task that is not over", async () => {
  const failure = { code: "CANCELLED", message: "", stage: "QUEUED", logTail: null } as const;
  const open = [aTask(), aTask({ status: "TRAINING" }), aTask({ status: "EVALUATING" })];
  await database.store.transaction((tx) => tx.insertMany("tasks", [...open, aTask({ status: "CANCELLED", failure })]));
  const rung: unknown[] = [];
  const queue = { ring: async ({ data }: { data: object }) => void rung.push(data) };
  started.push(
    await startSweeper({ orm: database.orm, queue, heartbeatMs: 60_000, clock: { now: () => NOW }, log: silentLog }),
  );
  expect(new Set(rung)).toEqual(new Set(open.map(({ id }) => ({ taskId: id }))));
});

it("the sweeper rings for work whose holder went silent", async () => {
  const task = aTask({ status: "EVALUATING" });
  await database.store.transaction(async (tx) => {
    await tx.insert("tasks", task);
    await tx.insert("leases", { resource: `task:${task.id}`, holder: "gone", token: 1, heartbeatAt: new Date(0) });
  });
  const rung: string[] = [];
  const twice = Promise.withResolvers<void>();
  const queue = {
    ring: async ({ id }: { id: string }) => {
      if (rung.push(id) === 2) twice.resolve();
    },
  };
  started.push(
    await startSweeper({ orm: database.orm, queue, heartbeatMs: 20, clock: { now: () => NOW }, log: silentLog }),
  );
  await twice.promise;
  expect(new Set(rung).size).toBe(2);
  expect(await database.store.count("leases", {})).toBe(0);
});
