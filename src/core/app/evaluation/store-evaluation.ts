import { InfrastructureError, type EvalSession, type JsonObject } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { Lease, OwnDevice, Tx } from "../ports.ts";
import type { EvaluationRecord, SubmissionRecord, TaskRecord } from "../records.ts";
import { lockTask, StaleTaskError } from "../tasks/transition.ts";
import { announceEvaluation } from "./announce-evaluation.ts";
import type { EvaluationContext } from "./evaluation-session.ts";
import { attachmentsRecord, keepAttachments } from "./keep-attachments.ts";
import type { Model } from "./models-left.ts";
import type { Reading } from "./read-outcome.ts";

/** What a result is written under: with a lease that was lost it is refused. */
export interface Claims {
  readonly device: Lease;
  readonly model: Lease;
}

/** Where a model was evaluated. */
export interface Site {
  readonly context: EvaluationContext;
  readonly device: OwnDevice;
  readonly session: EvalSession;
}

/**
 * Writes a model's result. During the training nobody is told.
 *
 * @throws InfrastructureError where the base itself could not be evaluated.
 * @throws StaleTaskError where the task is over.
 */
export async function storeEvaluation(
  app: App,
  claims: Claims,
  site: Site,
  model: Model,
  outcome: Reading,
): Promise<void> {
  if (model === null && outcome.status === "INVALID") {
    throw new InfrastructureError(
      "BASE_NOT_EVALUATED",
      `the base model itself could not be evaluated: ${outcome.message}`,
    );
  }
  const attachments = await keepAttachments(app, outcome.status === "COMPLETED" ? outcome.attachments : []);
  const record = { ...recordOf(site, model), ...attachmentsRecord(attachments) };
  const completed = outcome.status === "COMPLETED";
  await app.store.transaction(async (tx) => {
    const task = await lockEvaluable(app, tx, claims, site.context.task);
    const evaluation = await insertAttempt(app, tx, task, model, {
      status: outcome.status,
      losses: completed ? outcome.losses : null,
      weightedLoss: completed ? outcome.weightedLoss : null,
      code: completed ? null : outcome.code,
      message: completed ? null : outcome.message,
      logTail: completed ? null : outcome.logTail,
      record,
      durationMs: completed ? outcome.durationMs : 0,
    });
    if (task.status === "EVALUATING") await announceEvaluation(app, tx, evaluation);
  });
}

/**
 * Writes down that a model could not be evaluated early for a reason that is not its own: it is left alone until the training
 * is over.
 *
 * @returns false, and writes nothing, where it is over.
 */
export async function storeEarlyFailure(
  app: App,
  claims: Claims,
  task: TaskRecord,
  model: Model,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<boolean> {
  return app.store.transaction(async (tx) => {
    const current = await lockEvaluable(app, tx, claims, task);
    if (current.status !== "TRAINING") return false;
    await insertAttempt(app, tx, current, model, {
      status: "INFRASTRUCTURE",
      losses: null,
      weightedLoss: null,
      code,
      message,
      logTail: null,
      record: {},
      durationMs: 0,
    });
    return true;
  });
}

/** Cancelled or given up meanwhile: its result is nobody's business, and the other models need not be run. */
async function lockEvaluable(app: App, tx: Tx, claims: Claims, task: TaskRecord): Promise<TaskRecord> {
  await app.leases.assertHeld(tx, claims.device);
  await app.leases.assertHeld(tx, claims.model);
  const current = await lockTask(tx, task.id);
  if (current?.status === "EVALUATING" || current?.status === "TRAINING") return current;
  throw new StaleTaskError(task);
}

type Attempt = Omit<EvaluationRecord, "id" | "taskId" | "submissionId" | "attempt" | "createdAt">;

async function insertAttempt(
  app: App,
  tx: Tx,
  task: TaskRecord,
  model: Model,
  what: Attempt,
): Promise<EvaluationRecord> {
  const submissionId = model?.id ?? null;
  const attempt = (await tx.count("evaluations", { taskId: task.id, submissionId })) + 1;
  const id = app.ids.derived("evaluation", task.id, submissionId ?? "base", String(attempt));
  return tx.insert("evaluations", {
    id,
    taskId: task.id,
    submissionId,
    attempt,
    createdAt: app.clock.now(),
    ...what,
  });
}

/** Everything needed to repeat the evaluation elsewhere. */
function recordOf(
  { context: { task, base, splits, seed }, device, session }: Site,
  submission: SubmissionRecord | null,
): JsonObject {
  const { uuid, model, memoryMiB } = device;
  return {
    ...session.record,
    ...(device.kind === "gpu" ? { gpu: { uuid, model, memoryMiB } } : {}),
    seeds: { eval: seed },
    datasets: Object.fromEntries(splits.map(({ split, sha256 }) => [split, sha256])),
    base: { repo: task.baseRepo, revision: base.revision },
    artifactDigest: submission?.facts?.digest ?? null,
  };
}
