import { InfrastructureError } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { SubmissionRecord } from "../records.ts";
import { isArriving } from "../sources/arriving.ts";
import { lockTask, recordEvent } from "../tasks/transition.ts";
import { inspectModel } from "./inspection/inspect-model.ts";
import type { Inspection } from "./inspection/inspection.ts";
import { modelFolder } from "./inspection/model-folder.ts";
import { tellSealed } from "./sealed-event.ts";

/**
 * Looks at a sealed submission's files without running them, stores verdict and facts, and tells its miner. One that has
 * a verdict keeps it, so any number of callers may race.
 *
 * @throws InfrastructureError when base or files can't be read here: nothing is charged to the miner.
 */
export async function inspectSubmission(app: App, submissionId: string): Promise<SubmissionRecord> {
  const submission = await app.store.findOne("submissions", { id: submissionId });
  if (submission === null) throw new Error(`there is no submission ${submissionId}`);
  if (submission.staticVerdict.status !== "PENDING" || isArriving(submission)) return submission;
  const { verdict: staticVerdict, facts } = await inspect(app, submission);
  return app.store.transaction(async (tx) => {
    await lockTask(tx, submission.taskId);
    const current = await tx.findOne("submissions", { id: submissionId }, { lock: "update" });
    if (current?.staticVerdict.status !== "PENDING") return current ?? submission;
    const inspected = { ...current, staticVerdict, facts };
    await tx.update("submissions", { id: submissionId }, { staticVerdict, facts });
    await tellSealed(app, tx, inspected);
    const data = { submissionId, status: staticVerdict.status, code: staticVerdict.code };
    await recordEvent(app, tx, submission.taskId, "submissionInspected", { actor: "scheduler", data });
    return inspected;
  });
}

async function inspect(app: App, submission: SubmissionRecord): Promise<Inspection> {
  const task = await app.store.findOne("tasks", { id: submission.taskId });
  const base = task && (await app.bases.find(task.baseRepo, task.baseRevision));
  if (!base) {
    throw new InfrastructureError(
      "BASE_MODEL_MISSING",
      `the base model of task ${submission.taskId} is not installed any more`,
    );
  }
  const folder = modelFolder(submission.files, async ({ path, sha256 }) => {
    const stream = await app.artifacts.open(sha256);
    if (stream) return stream;
    throw new InfrastructureError(
      "ARTIFACT_MISSING",
      `${path} of submission ${submission.id} (${sha256}) could not be read`,
    );
  });
  return inspectModel(submission.artifactKind, folder, base);
}
