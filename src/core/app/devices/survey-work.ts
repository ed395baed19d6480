import type { WaitingTask } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { evaluationStates, modelLease } from "../evaluation/models-left.ts";
import type { DeviceRecord, TaskRecord } from "../records.ts";
import { isHeldBack } from "../tasks/infrastructure-failure.ts";
import { suitableDevices } from "./suitable-devices.ts";

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
  const [{ inUse, busy }, states] = await Promise.all([
    devicesAtWork(app, devices),
    evaluationStates(app.store, tasks),
  ]);
  const leasesOf = ({ id }: TaskRecord): readonly string[] =>
    (states.get(id)?.left ?? []).map((model) => modelLease(id, model));
  const claimed = await heldLeases(app, tasks.flatMap(leasesOf));
  const waiting = tasks.map((task): WaitingTask => {
    const atWork = busy.filter(({ taskId }) => taskId === task.id);
    const results = states.get(task.id)?.results ?? [];
    return {
      id: task.id,
      since: task.createdAt.getTime(),
      due: task.status === "EVALUATING",
      models: leasesOf(task).filter((name) => !claimed.has(name)).length,
      devices: atWork.length,
      parameterCount: task.parameterCount,
      ...suitableDevices(task, { now: app.clock.now(), devices, atWork, results }),
    };
  });
  const devicesOf = new Map<string, number>();
  for (const { taskId } of busy) if (taskId !== null) devicesOf.set(taskId, (devicesOf.get(taskId) ?? 0) + 1);
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

/** Devices whose lease is held, and of these the rows of those that work on a task. */
async function devicesAtWork(
  app: App,
  devices: readonly DeviceRecord[],
): Promise<{ readonly inUse: ReadonlySet<string>; readonly busy: readonly DeviceRecord[] }> {
  const own = app.worker.devices.map(({ uuid }) => uuid);
  const names = [...new Set([...own, ...devices.flatMap(({ uuid, taskId }) => (taskId === null ? [] : uuid))])];
  const held = await heldLeases(app, names.map(deviceLease));
  const inUse = new Set(names.filter((uuid) => held.has(deviceLease(uuid))));
  return { inUse, busy: devices.filter(({ uuid, taskId }) => taskId !== null && inUse.has(uuid)) };
}

async function heldLeases(app: App, resources: readonly string[]): Promise<ReadonlySet<string>> {
  if (resources.length === 0) return new Set();
  const leases = await app.store.find("leases", { resource: { in: resources } });
  return new Set(leases.map(({ resource }) => resource));
}
