import { fitsDevice, neededMiB } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { TaskRecord } from "../records.ts";
import { recordEvent } from "../tasks/transition.ts";

const CODE = "NO_FITTING_DEVICE";

/**
 * Where a task's base fits on no device of any worker the task waits: its customer, the operator and the log are told so, once.
 */
export async function noteUnfitDevices(app: App, { id: taskId, parameterCount }: TaskRecord): Promise<void> {
  const devices = [...app.worker.devices, ...(await app.store.find("devices", {}))];
  if (devices.some((device) => fitsDevice(parameterCount, device))) return;
  const needed = neededMiB(parameterCount);
  const largestMiB = Math.max(0, ...devices.map(({ memoryMiB }) => memoryMiB ?? 0));
  const found = devices.length === 0 ? "no worker has one" : `the largest one has ${largestMiB} MiB`;
  const message = `the base model needs a device with ${needed} MiB, and ${found}: the task goes on as soon as a worker with such a device is there`;
  await app.store.transaction(async (tx) => {
    const id = app.ids.derived("notice", taskId, CODE);
    const told = await tx.insertIfAbsent("notices", { id, taskId, code: CODE, message, createdAt: app.clock.now() });
    if (!told) return;
    await recordEvent(app, tx, taskId, "deviceMissing", { actor: "scheduler", data: { message } });
    app.log.warn("a task fits on no device", { taskId, parameterCount, neededMiB: needed, largestMiB });
  });
}
