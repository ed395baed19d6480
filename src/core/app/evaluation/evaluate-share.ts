import { join } from "node:path";
import { InfrastructureError, TaskError, type EvalSession } from "../../contract/index.ts";
import { givesDeviceUp } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { standardOf } from "../devices/device-standard.ts";
import { surveyWork } from "../devices/survey-work.ts";
import type { Lease, OwnDevice } from "../ports.ts";
import type { SubmissionRecord } from "../records.ts";
import { inspectSubmission } from "../submissions/inspect-submission.ts";
import { noteInfrastructureFailure } from "../tasks/infrastructure-failure.ts";
import { StaleTaskError } from "../tasks/transition.ts";
import { copyBlob, evaluationContext, openEvaluation, type EvaluationContext } from "./evaluation-session.ts";
import { failEvaluation } from "./fail-evaluation.ts";
import { modelLease, modelsLeft, type Model } from "./models-left.ts";
import { readOutcome } from "./read-outcome.ts";
import { createScratchFolder } from "./scratch-folder.ts";
import { storeEarlyFailure, storeEvaluation, type Claims } from "./store-evaluation.ts";

/** One device at work on one task. */
interface Share {
  readonly app: App;
  /** The device's. */
  readonly lease: Lease;
  readonly device: OwnDevice;
  readonly context: EvaluationContext;
  readonly folder: string;
  /** Opened for the first model, so that the base is loaded once; closed with the share. */
  session(): Promise<EvalSession>;
}

/**
 * Evaluates models of a task on one device, in one session, until none is left that nobody is at or another task needs the
 * device. Each result is written as soon as it is there. What goes wrong is written down; only a lost lease rejects.
 */
export async function evaluateShare(app: App, lease: Lease, device: OwnDevice, taskId: string): Promise<void> {
  try {
    await workThrough(app, lease, device, taskId);
  } catch (error) {
    // Called off, because the lease is lost or the process ends: that is nobody's failure.
    if (lease.signal.aborted) throw error;
    if (error instanceof StaleTaskError)
      app.log.info("somebody else moved the task", { taskId, reason: error.message });
    else if (error instanceof TaskError) await failEvaluation(app, lease, taskId, error);
    else await noteDeviceFailure(app, lease, device, taskId, error);
  }
}

/** It counts for the task, and the device is left to other tasks for a while: it may be broken. */
async function noteDeviceFailure(
  app: App,
  lease: Lease,
  { uuid }: OwnDevice,
  taskId: string,
  error: unknown,
): Promise<void> {
  await noteInfrastructureFailure(app, taskId, error, lease);
  await app.store.transaction((tx) =>
    tx.update("devices", { uuid }, { failedTaskId: taskId, failedAt: app.clock.now() }),
  );
}

async function workThrough(app: App, lease: Lease, device: OwnDevice, taskId: string): Promise<void> {
  const task = await app.store.findOne("tasks", { id: taskId });
  if (task?.status !== "EVALUATING" && task?.status !== "TRAINING") return;
  const splits = await app.store.find("datasetSplits", { taskId, split: { in: ["TEST", "SYNTH"] } });
  const context = await evaluationContext(app, task, splits);
  await using owned = new AsyncDisposableStack();
  const { path: folder } = owned.use(await createScratchFolder(app, `evaluation-${taskId}`));
  let opened: EvalSession | undefined;
  const session = async () => (opened ??= owned.use(await openEvaluation(app, lease, context, device, folder)));
  const share: Share = { app, lease, device, context, folder, session };
  for (const model of await modelsLeft(app.store, task)) {
    const work = (own: Lease) => evaluateModel(share, { device: lease, model: own }, model);
    await app.leases.withLease(modelLease(taskId, model), work, "model");
    if (!(await goesOn(share))) return;
  }
}

async function evaluateModel(share: Share, claims: Claims, model: Model): Promise<void> {
  const { app, context } = share;
  const { task } = context;
  const signal = AbortSignal.any([claims.device.signal, claims.model.signal]);
  signal.throwIfAborted();
  // Somebody may have finished it between the look at what is left and the claim.
  if (!(await isLeft(app, task.id, model))) return;
  try {
    const submission = model && (await inspectSubmission(app, model.id));
    if (submission !== null && submission.staticVerdict.status !== "VALID") return;
    const path = join(share.folder, "submissions", submission?.id ?? "base");
    if (submission !== null) await copyFiles(app, submission, path);
    const session = await share.session();
    const outcome = await session.run(
      { submission: submission === null ? null : { id: submission.id, path, artifactKind: submission.artifactKind } },
      { timeoutMs: app.settings.evaluation.timeoutMs, signal },
    );
    signal.throwIfAborted();
    await storeEvaluation(
      app,
      claims,
      { context, device: share.device, session },
      submission,
      readOutcome(context, outcome),
    );
  } catch (error) {
    if (signal.aborted || error instanceof StaleTaskError) throw error;
    if (task.status === "TRAINING" && (await keepQuiet(app, claims, share, model, error))) return;
    throw error;
  }
}

/** A failure during the training stays between us: neither the task nor anybody's event may show it. */
async function keepQuiet(app: App, claims: Claims, { context }: Share, model: Model, error: unknown): Promise<boolean> {
  const known = error instanceof InfrastructureError || error instanceof TaskError;
  const reason = error instanceof Error ? error.message : String(error);
  app.log.warn("an early evaluation failed", { taskId: context.task.id, submissionId: model?.id ?? null, reason });
  const why = known ? { code: error.code, message: reason } : { code: "UNEXPECTED", message: "see the log" };
  return storeEarlyFailure(app, claims, context.task, model, why);
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
async function goesOn({ app, lease, device, context }: Share): Promise<boolean> {
  lease.signal.throwIfAborted();
  const task = await app.store.findOne("tasks", { id: context.task.id });
  if (task === null || task.blocked !== null) return false;
  if (task.status !== "EVALUATING" && task.status !== "TRAINING") return false;
  const { waiting, devicesOf } = await surveyWork(app);
  const own = { id: task.id, due: task.status === "EVALUATING", devices: devicesOf.get(task.id) ?? 1 };
  return !givesDeviceUp({ ...device, standard: standardOf(device) }, own, waiting);
}
