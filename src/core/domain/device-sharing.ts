import { DEVICES } from "./params.ts";
import { compareIds } from "./sorted-entries.ts";

/** A task that has models to evaluate, as the sharing of devices sees it. */
export interface WaitingTask {
  readonly id: string;
  /** Since when it is there, in milliseconds: the older goes first. */
  readonly since: number;
  /** Its training is over; the others are evaluated early, when nobody else needs the device. */
  readonly due: boolean;
  /** Models that nobody is at. */
  readonly models: number;
  /** Devices that work on it now. */
  readonly devices: number;
  /** Of its base model. */
  readonly parameterCount: number;
  /** The sort of device that its results are from; null where it has none yet. */
  readonly standard: string | null;
  /** Uuids of devices that it is not to be evaluated on: it failed there, and there are others. */
  readonly avoids: readonly string[];
}

export interface FreeDevice {
  readonly uuid: string;
  /** Null where there is no limit to speak of: on a CPU. */
  readonly memoryMiB: number | null;
  /** Its sort: results are compared only within one. */
  readonly standard: string;
}

/** Whether a task may be evaluated there. */
const suits = ({ parameterCount, standard, avoids }: WaitingTask, device: FreeDevice): boolean =>
  (standard ?? device.standard) === device.standard &&
  !avoids.includes(device.uuid) &&
  fitsDevice(parameterCount, device);

const BYTES_PER_MIB = 1024 ** 2;

/** What a device needs to load a base of so many parameters: `⌈parameters · DEVICES.bytesPerParameter / 2²⁰⌉`. */
export const neededMiB = (parameterCount: number): number =>
  Math.ceil((parameterCount * DEVICES.bytesPerParameter) / BYTES_PER_MIB);

/** Whether a base of so many parameters can be loaded there: `neededMiB ≤ memory`. */
export const fitsDevice = (parameterCount: number, { memoryMiB }: Pick<FreeDevice, "memoryMiB">): boolean =>
  memoryMiB === null || neededMiB(parameterCount) <= memoryMiB;

/**
 * Which free device works on which task. Each grant goes to the first task, in this order, that has a model left and a free
 * device that suits it (big enough, of the sort that its results are from), and takes the smallest such device:
 *
 * 1. tasks whose training is over, before those that are evaluated early;
 * 2. tasks with fewer devices: nobody gets a second one while somebody has none;
 * 3. the older task.
 *
 * No device stays free that could work, so a small task never waits behind one that wants more; and a task without a device
 * is passed over only by older ones without one, so that none waits for ever. The order of the input does not matter.
 */
export function shareDevices(
  free: readonly FreeDevice[],
  waiting: readonly WaitingTask[],
): readonly { readonly uuid: string; readonly taskId: string }[] {
  const devices = free.toSorted(bySize);
  const tasks = waiting.map((task) => ({ ...task }));
  const grants: { uuid: string; taskId: string }[] = [];
  for (;;) {
    const grant = tasks
      .filter(({ models }) => models > 0)
      .sort(byUrgency)
      .map((task) => ({ task, at: devices.findIndex((device) => suits(task, device)) }))
      .find(({ at }) => at !== -1);
    const [device] = grant ? devices.splice(grant.at, 1) : [];
    if (!grant || !device) return grants;
    grant.task.standard ??= device.standard;
    grant.task.models -= 1;
    grant.task.devices += 1;
    grants.push({ uuid: device.uuid, taskId: grant.task.id });
  }
}

/**
 * Whether a task gives this device up after the model that it is at: another one that it suits has none at all, and
 * this task keeps one, or is only evaluated early.
 */
export function givesDeviceUp(
  device: FreeDevice,
  own: Pick<WaitingTask, "id" | "due" | "devices">,
  waiting: readonly WaitingTask[],
): boolean {
  return waiting.some(
    (other) =>
      other.id !== own.id &&
      other.models > 0 &&
      other.devices === 0 &&
      suits(other, device) &&
      (own.due ? other.due && own.devices > 1 : other.due || own.devices > 1),
  );
}

const bySize = (a: FreeDevice, b: FreeDevice): number =>
  (a.memoryMiB ?? Infinity) === (b.memoryMiB ?? Infinity)
    ? compareIds(a.uuid, b.uuid)
    : (a.memoryMiB ?? Infinity) - (b.memoryMiB ?? Infinity);

const byUrgency = (a: WaitingTask, b: WaitingTask): number =>
  Number(b.due) - Number(a.due) || a.devices - b.devices || a.since - b.since || compareIds(a.id, b.id);
