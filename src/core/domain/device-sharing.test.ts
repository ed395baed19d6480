import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fitsDevice,
  givesDeviceUp,
  neededMiB,
  shareDevices,
  type FreeDevice,
  type WaitingTask,
} from "./device-sharing.ts";
import { DEVICES } from "./params.ts";
import { createRng } from "./rng.ts";

const GiB = 1024;
const BILLION = 1e9;

const aTask = (given: Partial<WaitingTask> = {}): WaitingTask => ({
  id: "task",
  since: 0,
  due: true,
  models: 1,
  devices: 0,
  parameterCount: BILLION,
  standard: null,
  avoids: [],
  ...given,
});
const gpu = (uuid: string, memoryMiB = 80 * GiB, standard = "A"): FreeDevice => ({ uuid, memoryMiB, standard });

const suits = (task: WaitingTask, device: FreeDevice): boolean =>
  fitsDevice(task.parameterCount, device) &&
  !task.avoids.includes(device.uuid) &&
  (task.standard === null || task.standard === device.standard);

const anyTasks = fc
  .array(
    fc.record({
      since: fc.nat(20),
      due: fc.boolean(),
      models: fc.nat(4),
      devices: fc.nat(3),
      parameterCount: fc.constantFrom(BILLION, 7 * BILLION, 70 * BILLION),
      standard: fc.constantFrom("A", "B"),
      avoids: fc.subarray(["GPU-0", "GPU-1", "GPU-2"]),
    }),
    { maxLength: 8 },
  )
  .map((tasks) => tasks.map((task, index) => aTask({ ...task, id: `task ${index}` })));
const anyDevices = fc
  .array(fc.tuple(fc.constantFrom(8 * GiB, 24 * GiB, 200 * GiB, null), fc.constantFrom("A", "B")), { maxLength: 8 })
  .map((devices) => devices.map(([memoryMiB, standard], index) => ({ uuid: `GPU-${index}`, memoryMiB, standard })));

describe("fitsDevice", () => {
  it.each([
    [BILLION, 2 * GiB, false],
    [BILLION, 3 * GiB, true],
    [70 * BILLION, 141 * GiB, false],
    [70 * BILLION, 180 * GiB, true],
    [70 * BILLION, null, true],
  ])("says of %d parameters and %d MiB: %s", (parameterCount, memoryMiB, fits) => {
    expect(fitsDevice(parameterCount, { memoryMiB })).toBe(fits);
  });
});

describe("shareDevices", () => {
  it("spreads one task over all devices, but over no more than it has models", () => {
    const free = [gpu("a"), gpu("b"), gpu("c")];
    expect(shareDevices(free, [aTask({ models: 9 })])).toHaveLength(3);
    expect(shareDevices(free, [aTask({ models: 2 })])).toHaveLength(2);
  });

  it("gives a small task its device before a big and older one gets a further one", () => {
    const big = aTask({ id: "big", since: 0, models: 15, devices: 3 });
    const small = aTask({ id: "small", since: 9, models: 1 });
    expect(shareDevices([gpu("a")], [big, small])).toEqual([{ uuid: "a", taskId: "small" }]);
  });

  it("serves the oldest of those that have none", () => {
    const tasks = [aTask({ id: "young", since: 2 }), aTask({ id: "old", since: 1, models: 15 })];
    expect(shareDevices([gpu("a")], tasks)).toEqual([{ uuid: "a", taskId: "old" }]);
  });

  it("leaves the big device to the base that fits nowhere else", () => {
    const small = aTask({ id: "small", since: 0 });
    const big = aTask({ id: "big", since: 1, parameterCount: 70 * BILLION });
    expect(shareDevices([gpu("large", 200 * GiB), gpu("little", 24 * GiB)], [small, big])).toEqual([
      { uuid: "little", taskId: "small" },
      { uuid: "large", taskId: "big" },
    ]);
  });

  it("evaluates early only what nobody else needs the device for", () => {
    const early = aTask({ id: "early", since: 0, due: false });
    expect(shareDevices([gpu("a"), gpu("b")], [early, aTask({ id: "due", since: 9, models: 2, devices: 1 })])).toEqual([
      { uuid: "a", taskId: "due" },
      { uuid: "b", taskId: "due" },
    ]);
  });

  it("measures all models of a task on one sort of device", () => {
    const free = [gpu("a", 24 * GiB, "A"), gpu("b", 80 * GiB, "B"), gpu("c", 80 * GiB, "A")];
    expect(shareDevices(free, [aTask({ models: 3 })]).map(({ uuid }) => uuid)).toEqual(["a", "c"]);
    expect(shareDevices(free, [aTask({ models: 3, standard: "B" })]).map(({ uuid }) => uuid)).toEqual(["b"]);
  });

  it("leaves a task's failed device to others", () => {
    const failed = aTask({ id: "failed", since: 0, avoids: ["a"] });
    const free = [gpu("a"), gpu("b")];
    expect(shareDevices(free, [failed])).toEqual([{ uuid: "b", taskId: "failed" }]);
    expect(shareDevices(free, [failed, aTask({ id: "other", since: 1 })])).toEqual([
      { uuid: "b", taskId: "failed" },
      { uuid: "a", taskId: "other" },
    ]);
  });

  it("gives nothing twice, nothing that does not fit, and leaves nothing free that could work", () => {
    fc.assert(
      fc.property(anyDevices, anyTasks, (free, waiting) => {
        const grants = shareDevices(free, waiting);
        const used = new Set(grants.map(({ uuid }) => uuid));
        expect(used.size).toBe(grants.length);
        for (const task of waiting) {
          const own = grants.filter(({ taskId }) => taskId === task.id);
          expect(own.length).toBeLessThanOrEqual(task.models);
          const idle = free.filter((device) => !used.has(device.uuid) && suits(task, device));
          expect(Math.min(idle.length, task.models - own.length)).toBe(0);
          for (const { uuid } of own) {
            expect(free.some((device) => device.uuid === uuid && suits(task, device))).toBe(true);
          }
        }
      }),
    );
  });

  it("gives nobody a further device while one that is due and fits there has none", () => {
    fc.assert(
      fc.property(anyDevices, anyTasks, (free, waiting) => {
        const grants = shareDevices(free, waiting);
        const left = waiting.filter(
          ({ id, due, models, devices }) =>
            due && models > 0 && devices === 0 && !grants.some(({ taskId }) => taskId === id),
        );
        const further = grants.filter(({ uuid, taskId }) => {
          const task = waiting.find(({ id }) => id === taskId);
          const isFirst = grants.find((grant) => grant.taskId === taskId)?.uuid === uuid && task?.devices === 0;
          return !(isFirst && task.due);
        });
        const passedOver = left.filter((other) =>
          free.some((device) => suits(other, device) && further.some(({ uuid }) => uuid === device.uuid)),
        );
        expect(passedOver).toEqual([]);
      }),
    );
  });

  it("does not depend on the order of tasks and devices", () => {
    fc.assert(
      fc.property(anyDevices, anyTasks, (free, waiting) => {
        expect(shareDevices(free.toReversed(), waiting.toReversed())).toEqual(shareDevices(free, waiting));
      }),
    );
  });
});

describe("givesDeviceUp", () => {
  const waiting = [aTask({ id: "other" })];

  it("leaves a device to a task that has none, where its own keeps one", () => {
    expect(givesDeviceUp(gpu("a"), aTask({ id: "own", devices: 2 }), waiting)).toBe(true);
    expect(givesDeviceUp(gpu("a"), aTask({ id: "own", devices: 1 }), waiting)).toBe(false);
  });

  it("stops an early evaluation for a task whose training is over", () => {
    expect(givesDeviceUp(gpu("a"), aTask({ id: "own", due: false, devices: 1 }), waiting)).toBe(true);
  });

  it.each([
    ["has a device", { devices: 1 }],
    ["has no model left", { models: 0 }],
    ["does not fit there", { parameterCount: 70 * BILLION }],
    ["has failed there", { avoids: ["a"] }],
    ["is the same one", { id: "own" }],
    ["is only evaluated early", { due: false }],
  ])("keeps it from a task that %s", (_reason, other) => {
    const own = aTask({ id: "own", devices: 5 });
    expect(givesDeviceUp(gpu("a"), own, [aTask({ id: "other", ...other })])).toBe(false);
  });
});

/** A world of devices and tasks that goes on by one model a step on each device. */
function simulate(
  seed: number,
  gpus: readonly FreeDevice[],
  steps: number,
  arrivals: (step: number) => readonly WaitingTask[],
) {
  const rng = createRng(new Uint8Array(32).fill(seed));
  const tasks = new Map<string, { task: WaitingTask; left: number }>();
  const devices = new Map<FreeDevice, string | null>(gpus.map((device) => [device, null]));
  const firstServed = new Map<string, number>();
  const held = (id: string): number => [...devices.values()].filter((taskId) => taskId === id).length;
  const waiting = (): WaitingTask[] =>
    [...tasks.values()].map(({ task, left }) => ({
      ...task,
      devices: held(task.id),
      models: Math.max(0, left - held(task.id)),
    }));
  for (let step = 0; step < steps; step += 1) {
    for (const task of arrivals(step)) tasks.set(task.id, { task, left: task.models });
    const free = gpus.filter((device) => devices.get(device) === null);
    for (const { uuid, taskId } of shareDevices(free, waiting())) {
      for (const device of free) if (device.uuid === uuid) devices.set(device, taskId);
      if (!firstServed.has(taskId)) firstServed.set(taskId, step);
    }
    for (const [device, taskId] of devices) {
      const entry = taskId === null ? undefined : tasks.get(taskId);
      if (!entry || rng() < 0.3) continue;
      entry.left -= 1;
      const own = { ...entry.task, devices: held(entry.task.id) };
      if (entry.left < held(entry.task.id) || givesDeviceUp(device, own, waiting())) devices.set(device, null);
    }
    for (const [id, { left }] of tasks) if (left <= 0) tasks.delete(id);
  }
  return firstServed;
}

const someGpus = (count: number): readonly FreeDevice[] =>
  Array.from({ length: count }, (_, index) => gpu(`GPU-${index}`));

describe("sharing over time", () => {
  it("serves a small task soon although a big one has taken every device", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const served = simulate(seed, someGpus(4), 60, (step) =>
        step === 0
          ? [aTask({ id: "big", models: 200 })]
          : step === 10
            ? [aTask({ id: "small", since: 10, models: 1 })]
            : [],
      );
      // One model of one of four devices, each of which goes on with probability 0.7 a step.
      expect(served.get("small")).toBeLessThan(15);
    }
  });

  it("does not starve a big task in an endless stream of small ones", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const served = simulate(seed, someGpus(2), 80, (step) => [
        ...(step === 5 ? [aTask({ id: "big", since: 5, models: 40 })] : []),
        ...["x", "y", "z"].map((name) => aTask({ id: `${name}${step}`, since: step, models: 1 })),
      ]);
      // Those that were there before it go first, nobody else.
      expect(served.get("big")).toBeLessThan(30);
    }
  });

  it("does not starve a base that fits one device only among small ones that fit there too", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const gpus = [...someGpus(2), gpu("large", 200 * GiB)];
      const served = simulate(seed, gpus, 120, (step) => [
        ...(step === 10 ? [aTask({ id: "big", since: 10, models: 40, parameterCount: 70 * BILLION })] : []),
        ...(step % 2 === 0 ? [aTask({ id: `small ${step}`, since: step, models: 6 })] : []),
      ]);
      // The small one that has the large device keeps it, as its only one, for its models; older ones may follow.
      expect(served.get("big")).toBeLessThan(60);
    }
  });
});

it("a base fits exactly where the memory that it needs is there", () => {
  fc.assert(
    fc.property(fc.nat(1e12), (parameters) => {
      const memoryMiB = neededMiB(parameters);
      expect(fitsDevice(parameters, { memoryMiB })).toBe(true);
      expect(fitsDevice(parameters, { memoryMiB: memoryMiB - 1 })).toBe(false);
    }),
  );
  expect(neededMiB(2 * 2 ** 20)).toBe(2 * DEVICES.bytesPerParameter);
});
