import { join } from "node:path";
import {
  InfrastructureError,
  TaskError,
  type Attachment,
  type EvalOutcome,
  type EvalSession,
  type JsonObject,
  type Losses,
} from "../../contract/index.ts";
import type { App } from "../app.ts";
import { ringHooks } from "../hooks.ts";
import type { Lease } from "../ports.ts";
import type { EvaluationRecord, SubmissionRecord, TaskRecord } from "../records.ts";
import { lockTask, recordEvent, StaleTaskError } from "../tasks/transition.ts";
import { copyBlob, evaluationContext, openEvaluation, type EvaluationContext } from "./evaluation-session.ts";
import { attachmentsRecord, keepAttachments } from "./keep-attachments.ts";
import { createScratchFolder } from "./scratch-folder.ts";

/**
 * Evaluates models in one session: the base model is loaded once. Each result is written as soon as it is there.
 *
 * @throws InfrastructureError when the platform failed: nothing is charged, what was finished stays.
 * @throws TaskError when the task itself can't be evaluated.
 */
export async function evaluateModels(
  app: App,
  lease: Lease,
  task: TaskRecord,
  models: readonly (SubmissionRecord | null)[],
): Promise<void> {
  const splits = await app.store.find("datasetSplits", { taskId: task.id, split: { in: ["TEST", "SYNTH"] } });
  const context = await evaluationContext(app, task, splits);
  await using folder = await createScratchFolder(app, `evaluation-${task.id}`);
  await using session = await openEvaluation(app, lease, context, folder.path);
  for (const submission of models) {
    const path = join(folder.path, "submissions", submission?.id ?? "base");
    if (submission !== null) await copyFiles(app, submission, path);
    const outcome = await session.run(
      { submission: submission === null ? null : { id: submission.id, path, artifactKind: submission.artifactKind } },
      { timeoutMs: app.settings.evaluation.timeoutMs, signal: lease.signal },
    );
    lease.signal.throwIfAborted();
    await store(app, lease, context, session, { submission, outcome: readOutcome(context, outcome) });
  }
}

async function copyFiles(app: App, submission: SubmissionRecord, folder: string): Promise<void> {
  for (const file of submission.files) await copyBlob(app, file.sha256, join(folder, file.path));
}

type Reading =
  | {
      readonly status: "COMPLETED";
      readonly losses: Losses;
      readonly weightedLoss: number;
      readonly durationMs: number;
      readonly attachments: readonly Attachment[];
    }
  | { readonly status: "INVALID"; readonly code: string; readonly message: string; readonly logTail: string };

/** What an evaluator's answer means: its output is untrusted until the type's schema has parsed it. */
function readOutcome({ taskType, spec }: EvaluationContext, outcome: EvalOutcome): Reading {
  if (outcome.status === "failed") {
    if (outcome.cause === "task") throw new TaskError(outcome.code, outcome.message);
    if (outcome.cause === "infrastructure") throw new InfrastructureError(outcome.code, outcome.message);
    return { status: "INVALID", code: outcome.code, message: outcome.message, logTail: outcome.logTail };
  }
  const parsed = taskType.evalOutput.safeParse(outcome.output);
  if (!parsed.success) {
    const found = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    throw new InfrastructureError(
      "EVALUATOR_OUTPUT_INVALID",
      `the evaluator's output breaks the type's schema: ${found.slice(0, 1000)}`,
    );
  }
  const losses = taskType.losses(parsed.data, spec);
  const weightedLoss = taskType.weightedLoss(losses);
  if (
    [losses.testLoss, losses.synthLoss ?? 0, weightedLoss, ...Object.values(losses.components)].every(Number.isFinite)
  ) {
    const attachments = taskType.attachments?.(parsed.data, spec) ?? [];
    return { status: "COMPLETED", losses, weightedLoss, durationMs: outcome.durationMs, attachments };
  }
  return { status: "INVALID", code: "NON_FINITE_LOSS", message: "a loss is not finite", logTail: "" };
}

async function store(
  app: App,
  lease: Lease,
  context: EvaluationContext,
  session: EvalSession,
  { submission, outcome }: { readonly submission: SubmissionRecord | null; readonly outcome: Reading },
): Promise<void> {
  if (submission === null && outcome.status === "INVALID") {
    throw new InfrastructureError(
      "BASE_NOT_EVALUATED",
      `the base model itself could not be evaluated: ${outcome.message}`,
    );
  }
  const { task } = context;
  const submissionId = submission?.id ?? null;
  const attachments = await keepAttachments(app, outcome.status === "COMPLETED" ? outcome.attachments : []);
  await app.store.transaction(async (tx) => {
    await app.leases.assertHeld(tx, lease);
    const current = await lockTask(tx, task.id);
    // Cancelled or given up meanwhile: its result is nobody's business, and the other models need not be run.
    if (current?.status !== "EVALUATING") throw new StaleTaskError(task);
    const attempt = (await tx.count("evaluations", { taskId: task.id, submissionId })) + 1;
    const completed = outcome.status === "COMPLETED";
    const evaluation: EvaluationRecord = {
      id: app.ids.derived("evaluation", task.id, submissionId ?? "base", String(attempt)),
      taskId: task.id,
      submissionId,
      attempt,
      status: outcome.status,
      losses: completed ? outcome.losses : null,
      weightedLoss: completed ? outcome.weightedLoss : null,
      code: completed ? null : outcome.code,
      message: completed ? null : outcome.message,
      logTail: completed ? null : outcome.logTail,
      record: { ...recordOf(context, session, submission), ...attachmentsRecord(attachments) },
      durationMs: completed ? outcome.durationMs : 0,
      createdAt: app.clock.now(),
    };
    await tx.insert("evaluations", evaluation);
    await ringHooks(app, tx, "evaluationFinished", { taskId: task.id, submissionId, status: outcome.status });
    await recordEvent(app, tx, task.id, "modelEvaluated", {
      actor: "scheduler",
      data: { submissionId, status: outcome.status, attempt },
    });
  });
}

/** Everything needed to repeat the evaluation elsewhere. */
function recordOf(
  { task, base, splits, seed }: EvaluationContext,
  session: EvalSession,
  submission: SubmissionRecord | null,
): JsonObject {
  return {
    ...session.record,
    seeds: { eval: seed },
    datasets: Object.fromEntries(splits.map(({ split, sha256 }) => [split, sha256])),
    base: { repo: task.baseRepo, revision: base.revision },
    artifactDigest: submission?.facts?.digest ?? null,
  };
}
