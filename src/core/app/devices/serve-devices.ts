import { InfrastructureError } from "../../contract/index.ts";
import { shareDevices } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { evaluateShare } from "../evaluation/evaluate-share.ts";
import { finishEvaluation } from "../evaluation/finish-evaluation.ts";
import type { Lease, OwnDevice } from "../ports.ts";
import { standardOf } from "./device-standard.ts";
import { deviceLease, surveyWork } from "./survey-work.ts";

/**
 * Gives every free device of this process the task that shall have it, and so on until no task needs one. Several calls at
 * once, in any number of processes, share the devices and the models by their leases.
 */
export async function serveDevices(app: App): Promise<void> {
  const shares = await startShares(app).catch((error: unknown) => {
    if (!(error instanceof InfrastructureError)) throw error;
    app.log.debug("nothing can be evaluated here", { code: error.code, reason: error.message });
    return [];
  });
  await Promise.all(shares.map((share) => share.then(() => serveDevices(app))));
}

/**
 * Starts work on every free device of this process that some task needs; each promise is one device's, until it is free.
 *
 * @throws InfrastructureError while the runner can have no session on this machine: the work is left to other workers.
 */
export async function startShares(app: App): Promise<readonly Promise<void>[]> {
  if (app.worker.devices.length === 0) return [];
  const { waiting, inUse } = await surveyWork(app);
  const free = app.worker.devices.filter(({ uuid }) => !inUse.has(uuid));
  const grants = shareDevices(
    free.map((device) => ({ ...device, standard: standardOf(device) })),
    waiting,
  );
  if (grants.length > 0) await app.evalRunner.ready?.();
  const shares: Promise<void>[] = [];
  // Those that were started must be handed back whatever becomes of the others.
  const logFailure = (error: unknown): null => {
    app.log.error("a device could not be taken", {
      error: error instanceof Error ? (error.stack ?? "") : String(error),
    });
    return null;
  };
  for (const { uuid, taskId } of grants) {
    const device = free.find((one) => one.uuid === uuid);
    const taken = device && (await takeDevice(app, device, taskId).catch(logFailure));
    if (taken) shares.push(taken.done);
  }
  return shares;
}

/** Null where another holder of the device was faster. */
async function takeDevice(app: App, device: OwnDevice, taskId: string): Promise<{ done: Promise<void> } | null> {
  const taken = Promise.withResolvers<boolean>();
  const done = app.leases
    .withLease(
      deviceLease(device.uuid),
      async (lease) => {
        taken.resolve(true);
        await workOn(app, lease, device, taskId);
      },
      "device",
    )
    .then(() => finishEvaluation(app, taskId));
  // Where the lease was not had, or could not be asked for, the work has not begun.
  void done.finally(() => taken.resolve(false)).catch(() => undefined);
  if (await taken.promise) return { done };
  await done;
  return null;
}

async function workOn(app: App, lease: Lease, device: OwnDevice, taskId: string): Promise<void> {
  const note = (current: string | null): Promise<number> =>
    app.store.transaction(async (tx) => {
      await app.leases.assertHeld(tx, lease);
      return tx.update("devices", { uuid: device.uuid }, { taskId: current });
    });
  await note(taskId);
  await evaluateShare(app, lease, device, taskId);
  await note(null);
}
