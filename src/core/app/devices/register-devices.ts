import type { App } from "../app.ts";

/** How often a worker says that its devices are there. */
export const DEVICE_SIGN_OF_LIFE_MS = 10_000;
/** Rows of workers that were not seen for this long are removed. */
const FORGOTTEN_MS = 60 * 60 * 1_000;

/** Writes down what devices this process has, and that it is there: at its start, and again and again. */
export async function registerDevices(app: App): Promise<void> {
  const { name, devices } = app.worker;
  const seenAt = app.clock.now();
  await app.store.transaction(async (tx) => {
    for (const { uuid, ...facts } of devices) {
      const changed = await tx.update("devices", { uuid }, { ...facts, worker: name, seenAt });
      if (changed === 0) {
        await tx.insertIfAbsent("devices", {
          uuid,
          ...facts,
          worker: name,
          taskId: null,
          failedTaskId: null,
          failedAt: null,
          seenAt,
        });
      }
    }
    await tx.remove("devices", { seenAt: { lt: new Date(seenAt.getTime() - FORGOTTEN_MS) } });
  });
}

/** Takes this process's devices out: it ends. Those that another process has registered since stay. */
export async function withdrawDevices(app: App): Promise<void> {
  await app.store.transaction((tx) => tx.remove("devices", { worker: app.worker.name }));
}
