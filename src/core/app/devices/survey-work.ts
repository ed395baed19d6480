import { fitsDevice, type WaitingTask } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { modelLease, modelsLeftOf } from "../evaluation/models-left.ts";
import type { DeviceRecord, TaskRecord } from "../records.ts";
import { isHeldBack } from "../tasks/infrastructure-failure.ts";

/** For so long a task is not evaluated again where it failed, if there is another device. */
const AVOIDED_MS = 10 * 60 * 1_000;
/** A device that its worker has not confirmed for this long is nobody's alternative. */
const SILENT_MS = 3 * 60 * 1_000;

/** What a session on this device holds. */
export const deviceLease = (uuid: string): string => `device:${uuid}`;

/** What there is to evaluate, and who is at it. */
export interface WorkSurvey {
  readonly waiting: readonly WaitingTask[];
  /** Devices that work on a task now, by its id. */
  readonly devicesOf: ReadonlyMap<string, number>;
  /** Devices whose lease is held. */
  readonly inUse: ReadonlySet<string>;
}

/** Looks at all tasks that could use a device, and at all leases that are held: a few questions, however many tasks. */
export async function surveyWork(app: App): Promise<WorkSurvey> {
  const [tasks, devices] = await Promise.all([evaluableTasks(app), app.store.find("devices", {})]);
  const [{ devicesOf, inUse }, left] = await Promise.all([devicesAtWork(app, devices), modelsLeftOf(app.store, tasks)]);
  const leases = [...left].map(([taskId, models]) => ({
    taskId,
    names: models.map((model) => modelLease(taskId, model)),
  }));
  const claimed = await heldLeases(
    app,
    leases.flatMap(({ names }) => names),
  );
  const unclaimed = new Map(
    leases.map(({ taskId, names }) => [taskId, names.filter((name) => !claimed.has(name)).length]),
  );
  const waiting = tasks.map((task) => ({
    id: task.id,
    since: task.createdAt.getTime(),
    due: task.status === "EVALUATING",
    models: unclaimed.get(task.id) ?? 0,
    devices: devicesOf.get(task.id) ?? 0,
    parameterCount: task.parameterCount,
    avoids: avoidedBy(app, task, devices),
  }));
  return { waiting, devicesOf, inUse };
}

async function evaluableTasks(app: App): Promise<readonly TaskRecord[]> {
  const due = await app.store.find("tasks", { status: "EVALUATING" });
  const early = app.settings.evaluation.early ? await app.store.find("tasks", { status: "TRAINING" }) : [];
  return [
    ...due.filter((task) => !isHeldBack(app, task)),
    // At its deadline a task is closed first.
    ...early.filter(({ blocked, deadline }) => blocked === null && deadline !== null && deadline > app.clock.now()),
  ];
}

/** Where the task failed lately: none, if it can be evaluated nowhere else. */
function avoidedBy(app: App, task: TaskRecord, devices: readonly DeviceRecord[]): readonly string[] {
  const now = app.clock.now().getTime();
  const failed = devices.filter(
    ({ failedTaskId, failedAt }) =>
      failedTaskId === task.id && failedAt !== null && failedAt.getTime() > now - AVOIDED_MS,
  );
  const others = devices.filter(
    (device) =>
      !failed.includes(device) && device.seenAt.getTime() > now - SILENT_MS && fitsDevice(task.parameterCount, device),
  );
  return others.length === 0 ? [] : failed.map(({ uuid }) => uuid);
}

async function devicesAtWork(
  app: App,
  devices: readonly DeviceRecord[],
): Promise<Pick<WorkSurvey, "devicesOf" | "inUse">> {
  const own = app.worker.devices.map(({ uuid }) => uuid);
  const busy = devices.filter(({ taskId }) => taskId !== null);
  const names = [...new Set([...own, ...busy.map(({ uuid }) => uuid)])];
  const held = await heldLeases(app, names.map(deviceLease));
  const inUse = new Set(names.filter((uuid) => held.has(deviceLease(uuid))));
  const devicesOf = new Map<string, number>();
  for (const { uuid, taskId } of busy) {
    if (taskId !== null && inUse.has(uuid)) devicesOf.set(taskId, (devicesOf.get(taskId) ?? 0) + 1);
  }
  return { devicesOf, inUse };
}

async function heldLeases(app: App, resources: readonly string[]): Promise<ReadonlySet<string>> {
  if (resources.length === 0) return new Set();
  const leases = await app.store.find("leases", { resource: { in: resources } });
  return new Set(leases.map(({ resource }) => resource));
}
