import { join } from "node:path";
import { InfrastructureError, TaskError } from "../../contract/index.ts";
import { givesDeviceUp } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { standardOf } from "../devices/device-standard.ts";
import { surveyWork } from "../devices/survey-work.ts";
import type { Lease, OwnDevice } from "../ports.ts";
import type { SubmissionRecord, TaskRecord } from "../records.ts";
import { inspectSubmission } from "../submissions/inspect-submission.ts";
import { noteInfrastructureFailure } from "../tasks/infrastructure-failure.ts";
import { StaleTaskError } from "../tasks/transition.ts";
import { copyBlob, evaluationContext, openEvaluation } from "./evaluation-session.ts";
import { failEvaluation } from "./fail-evaluation.ts";
import { modelLease, modelsLeft, type Model } from "./models-left.ts";
import { readOutcome } from "./read-outcome.ts";
import { createScratchFolder } from "./scratch-folder.ts";
import { storeEarlyFailure, storeEvaluation, type Claims, type Site } from "./store-evaluation.ts";

/** One device at work on one task. */
interface Share {
  readonly app: App;
  /** The device's. */
  readonly lease: Lease;
  readonly device: OwnDevice;
  readonly task: TaskRecord;
  /** Opened for the first model, so that the base is loaded once; closed with the share. */
  site(): Promise<OpenSite>;
}

/** A session, and the folder that its files are in. */
interface OpenSite extends Site {
  readonly folder: string;
}

/**
 * Evaluates models of a task on one device, in one session, until none is left that nobody is at or another task needs the
 * device. Each result is written as soon as it is there, and so is what goes wrong.
 *
 * @throws what the leases and the database throw: the device's lease was lost, for example. Nothing is charged then.
 */
export async function evaluateShare(app: App, lease: Lease, device: OwnDevice, taskId: string): Promise<void> {
  const task = await app.store.findOne("tasks", { id: taskId });
  if (task?.status !== "EVALUATING" && task?.status !== "TRAINING") return;
  await using owned = new AsyncDisposableStack();
  let opened: OpenSite | undefined;
  const site = async () => (opened ??= await openSite(app, lease, device, task, owned));
  const share: Share = { app, lease, device, task, site };
  for (const model of await modelsLeft(app.store, task)) {
    const work = (own: Lease) => underClaims(share, { device: lease, model: own }, model);
    const done = await app.leases.withLease(modelLease(taskId, model), work, "model");
    if (done?.value === "failed" || !(await goesOn(share))) return;
  }
}

/** One model; "failed" where it was not evaluated for a reason that is not its own, which is written down. */
async function underClaims(share: Share, claims: Claims, model: Model): Promise<"done" | "failed"> {
  const { app, task } = share;
  try {
    await evaluateModel(share, claims, model);
    return "done";
  } catch (error) {
    // Called off, because the device is lost or the process ends: that is nobody's failure.
    if (claims.device.signal.aborted) throw error;
    if (claims.model.signal.aborted) {
      app.log.warn("a model is left to whoever took it over", { taskId: task.id, submissionId: model?.id ?? null });
      return "done";
    }
    if (error instanceof StaleTaskError) {
      app.log.info("somebody else moved the task", { taskId: task.id, reason: error.message });
    } else if (error instanceof TaskError) await failEvaluation(app, claims.model, task.id, error);
    else await noteDeviceFailure(share, claims, error);
    return "failed";
  }
}

/** It counts for a task whose training is over, and the device is left to other tasks for a while: it may be broken. */
async function noteDeviceFailure({ app, device, task }: Share, claims: Claims, error: unknown): Promise<void> {
  // Refused, with a throw, where device or model are no longer ours: then the failure is nobody's.
  await app.store.transaction(async (tx) => {
    await app.leases.assertHeld(tx, claims.device);
    await tx.update("devices", { uuid: device.uuid }, { failedTaskId: task.id, failedAt: app.clock.now() });
  });
  await noteInfrastructureFailure(app, task.id, error, claims.model);
}

async function openSite(
  app: App,
  lease: Lease,
  device: OwnDevice,
  task: TaskRecord,
  owned: AsyncDisposableStack,
): Promise<OpenSite> {
  const splits = await app.store.find("datasetSplits", { taskId: task.id, split: { in: ["TEST", "SYNTH"] } });
  const context = await evaluationContext(app, task, splits);
  const { path: folder } = owned.use(await createScratchFolder(app, `evaluation-${task.id}`));
  const session = owned.use(await openEvaluation(app, lease, context, device, folder));
  return { context, device, session, folder };
}

async function evaluateModel(share: Share, claims: Claims, model: Model): Promise<void> {
  const { app, task } = share;
  const signal = AbortSignal.any([claims.device.signal, claims.model.signal]);
  signal.throwIfAborted();
  try {
    // Somebody may have finished it between the look at what is left and the claim.
    if (!(await isLeft(app, task.id, model))) return;
    const submission = model && (await inspectSubmission(app, model.id));
    if (submission !== null && submission.staticVerdict.status !== "VALID") return;
    const site = await share.site();
    const path = join(site.folder, "submissions", submission?.id ?? "base");
    if (submission !== null) await copyFiles(app, submission, path);
    const outcome = await site.session.run(
      { submission: submission === null ? null : { id: submission.id, path, artifactKind: submission.artifactKind } },
      { timeoutMs: app.settings.evaluation.timeoutMs, signal },
    );
    signal.throwIfAborted();
    await storeEvaluation(app, claims, site, submission, readOutcome(site.context, outcome));
  } catch (error) {
    if (signal.aborted || error instanceof StaleTaskError) throw error;
    if (task.status === "TRAINING" && (await keepQuiet(share, claims, model, error))) return;
    throw error;
  }
}

/** A failure during the training stays between us: neither the task nor anybody's event may show it. */
async function keepQuiet({ app, task }: Share, claims: Claims, model: Model, error: unknown): Promise<boolean> {
  const known = error instanceof InfrastructureError || error instanceof TaskError;
  const reason = error instanceof Error ? error.message : String(error);
  app.log.warn("an early evaluation failed", { taskId: task.id, submissionId: model?.id ?? null, reason });
  const why = known ? { code: error.code, message: reason } : { code: "UNEXPECTED", message: "see the log" };
  return storeEarlyFailure(app, claims, task, model, why);
}

async function isLeft(app: App, taskId: string, model: Model): Promise<boolean> {
  const task = await app.store.findOne("tasks", { id: taskId });
  if (task?.status !== "EVALUATING" && task?.status !== "TRAINING") return false;
  return (await modelsLeft(app.store, task)).some((left) => left?.id === model?.id);
}

async function copyFiles(app: App, submission: SubmissionRecord, folder: string): Promise<void> {
  for (const file of submission.files) await copyBlob(app, file.sha256, join(folder, file.path));
}

/** Whether this device works on: the task still wants it, and nobody without a device needs it more. */
async function goesOn({ app, lease, device, task: { id } }: Share): Promise<boolean> {
  lease.signal.throwIfAborted();
  const task = await app.store.findOne("tasks", { id });
  if (task === null || task.blocked !== null) return false;
  if (task.status !== "EVALUATING" && task.status !== "TRAINING") return false;
  const { waiting, devicesOf } = await surveyWork(app);
  const own = { id: task.id, due: task.status === "EVALUATING", devices: devicesOf.get(task.id) ?? 1 };
  return !givesDeviceUp({ ...device, standard: standardOf(device) }, own, waiting);
}
