import { InfrastructureError } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { SubmissionRecord } from "../records.ts";

/** Sealed in time and still on its way from its source. */
export const isArriving = ({ source, files, staticVerdict }: SubmissionRecord): boolean =>
  source !== null && files.length === 0 && staticVerdict.status === "PENDING";

/**
 * Nothing, where the models are on their way: the task waits for them, and is rung for when they arrive.
 *
 * @throws InfrastructureError when the platform gave one up: the operator decides, and nobody is charged.
 */
export async function refuseStalled(app: App, arriving: readonly SubmissionRecord[]): Promise<void> {
  const ids = arriving.map(({ id }) => id);
  const [stalled] = await app.store.find("sourceFetches", { submissionId: { in: ids }, status: "STALLED" });
  if (!stalled) return;
  const why = stalled.problem?.message ?? "the source gave nothing";
  throw new InfrastructureError("SOURCE_UNREACHABLE", `submission ${stalled.submissionId} can't be fetched: ${why}`);
}
