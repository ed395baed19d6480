import type { App } from "../app.ts";
import type { Tx } from "../ports.ts";
import type { SubmissionRecord } from "../records.ts";
import { tellMiners } from "../tasks/miner-events.ts";

/** Tells the miner of its seal: at once with a PENDING verdict, and again when intake has looked at the files. */
export async function tellSealed(app: App, tx: Tx, submission: SubmissionRecord): Promise<void> {
  const { id, taskId, assignmentId, minerId, ordinal, staticVerdict } = submission;
  await tellMiners(app, tx, [
    {
      minerId,
      type: "SubmissionSealed",
      taskId,
      cause: `${id}:${staticVerdict.status === "PENDING" ? "sealed" : "inspected"}`,
      payload: { submissionId: id, taskId, assignmentId, ordinal, staticVerdict: { ...staticVerdict } },
    },
  ]);
}
