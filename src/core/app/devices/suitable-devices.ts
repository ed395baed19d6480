import { fitsDevice, type WaitingTask } from "../../domain/index.ts";
import type { DeviceRecord, EvaluationRecord, TaskRecord } from "../records.ts";
import { standardOf, standardOfResult } from "./device-standard.ts";
import { DEVICE_SIGN_OF_LIFE_MS } from "./register-devices.ts";

/** For so long a task is not evaluated again where it failed, if there is another device. */
const AVOIDED_MS = 10 * 60 * 1_000;
/** A device whose worker has been silent for this long is nobody's alternative: a killed one takes none back. */
const SILENT_MS = 3 * DEVICE_SIGN_OF_LIFE_MS;

/** What is known of a task's devices. */
export interface DeviceHistory {
  readonly now: Date;
  /** All that are registered. */
  readonly devices: readonly DeviceRecord[];
  /** Those that work on the task now. */
  readonly atWork: readonly DeviceRecord[];
  readonly results: readonly EvaluationRecord[];
}

/** Which devices suit a task: of one sort, and not where it failed; as long as there are such. */
export function suitableDevices(
  { id, parameterCount }: Pick<TaskRecord, "id" | "parameterCount">,
  { now, devices, atWork, results }: DeviceHistory,
): Pick<WaitingTask, "standard" | "avoids"> {
  const able = devices.filter(
    (device) => device.seenAt.getTime() > now.getTime() - SILENT_MS && fitsDevice(parameterCount, device),
  );
  const wanted = [...atWork.map(standardOf), ...results.map(standardOfResult)].at(0);
  const alike = able.filter((device) => standardOf(device) === wanted);
  const candidates = alike.length > 0 ? alike : able;
  const failed = devices.filter(
    ({ failedTaskId, failedAt }) =>
      failedTaskId === id && failedAt !== null && failedAt.getTime() > now.getTime() - AVOIDED_MS,
  );
  const others = candidates.filter((device) => !failed.includes(device));
  return {
    standard: alike.length > 0 && wanted !== undefined ? wanted : null,
    avoids: others.length === 0 ? [] : failed.map(({ uuid }) => uuid),
  };
}
