import { cpus } from "node:os";
import type { Log, OwnDevice } from "../../app/ports.ts";
import type { DeviceChoice } from "../config/index.ts";
import { askNvidiaSmi } from "./nvidia-smi.ts";

export interface FindOptions {
  /** Of this process: its CPU slots are named after it. */
  readonly worker: string;
  readonly log: Log;
  /** Asks for the GPUs of this machine; null where nothing can say. */
  readonly askGpus?: () => Promise<readonly OwnDevice[] | null>;
}

/**
 * The devices of this process. `auto` takes every GPU, and one CPU slot where there is none. A GPU that was asked for and
 * is not there is left out with a warning: its tasks wait for a worker that has one. Where nothing can tell the GPUs, those
 * named are taken as they are.
 */
export async function findDevices(
  choice: DeviceChoice,
  { worker, log, askGpus = () => askNvidiaSmi() }: FindOptions,
): Promise<readonly OwnDevice[]> {
  if (choice.kind === "none") return [];
  if (choice.kind === "cpu") return cpuSlots(worker, choice.slots);
  const gpus = await askGpus();
  if (choice.kind === "auto") return gpus === null || gpus.length === 0 ? cpuSlots(worker, 1) : gpus;
  const { uuids } = choice;
  if (uuids === null) {
    if (gpus === null || gpus.length === 0)
      log.error("no GPU was found: nvidia-smi answers none, so nothing is evaluated here");
    return gpus ?? [];
  }
  if (gpus === null) {
    log.warn("nvidia-smi does not answer: the GPUs are taken as they are configured", { uuids: [...uuids] });
    return uuids.map((uuid) => ({ kind: "gpu", uuid, model: "unknown", memoryMiB: null }));
  }
  return uuids.flatMap((uuid) => {
    const found = gpus.find((gpu) => gpu.uuid === uuid);
    // Parts of a GPU are not in the list that is asked for.
    if (!found && uuid.startsWith("MIG-")) return { kind: "gpu", uuid, model: "MIG", memoryMiB: null } as const;
    if (!found) log.error("a GPU is not there", { uuid, found: gpus.map((gpu) => gpu.uuid) });
    return found ?? [];
  });
}

function cpuSlots(worker: string, slots: number): readonly OwnDevice[] {
  const model = cpus()[0]?.model.trim() || process.arch;
  return Array.from({ length: slots }, (_, slot) => ({
    kind: "cpu",
    uuid: `CPU-${worker}-${slot}`,
    model,
    memoryMiB: null,
  }));
}
