import { compareIds, LEASE } from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { DeviceRecord } from "../records.ts";
import { deviceLease } from "./survey-work.ts";

/** A device as the operator sees it. */
export interface DeviceView extends DeviceRecord {
  /** When others may take it, unless its holder gives another sign of life; null where nobody holds it. */
  readonly leasedUntil: Date | null;
}

/** The devices of all workers in the order of their ids, with the tasks that they work on now. */
export async function listDevices(app: Pick<App, "store" | "settings">): Promise<readonly DeviceView[]> {
  const devices = await app.store.find("devices", {});
  const resources = devices.map(({ uuid }) => deviceLease(uuid));
  const leases = devices.length === 0 ? [] : await app.store.find("leases", { resource: { in: resources } });
  const patienceMs = app.settings.leases.heartbeatMs * LEASE.takeoverHeartbeats;
  const until = new Map(leases.map((lease) => [lease.resource, new Date(lease.heartbeatAt.getTime() + patienceMs)]));
  return devices
    .map((device) => {
      const leasedUntil = until.get(deviceLease(device.uuid)) ?? null;
      return { ...device, leasedUntil, taskId: leasedUntil && device.taskId };
    })
    .sort((a, b) => compareIds(a.uuid, b.uuid));
}
