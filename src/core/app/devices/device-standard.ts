import { z } from "zod";
import type { DeviceRecord, EvaluationRecord } from "../records.ts";

/** Results on any CPU are the same to the last bit. */
const CPU = "CPU";
const onGpu = z.object({ gpu: z.object({ model: z.string() }) });

/** What a device counts as where results are compared: the models of one task are measured on one sort of GPU. */
export const standardOf = ({ kind, model }: Pick<DeviceRecord, "kind" | "model">): string =>
  kind === "gpu" ? model : CPU;

/** The same of the device that a result comes from. */
export const standardOfResult = ({ record }: Pick<EvaluationRecord, "record">): string =>
  onGpu.safeParse(record).data?.gpu.model ?? CPU;
