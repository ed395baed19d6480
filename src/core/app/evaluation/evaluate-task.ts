import { InfrastructureError } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { Lease } from "../ports.ts";
import type { SubmissionRecord, TaskRecord } from "../records.ts";
import { inspectSubmission } from "../submissions/inspect-submission.ts";
import { lockTask, recordEvent } from "../tasks/transition.ts";
import { entriesOf } from "./counting-submissions.ts";
import { evaluateModels } from "./evaluate-models.ts";
import { scoreTask } from "./score-task.ts";

/**
 * EVALUATING -> SCORED (or FAILED): evaluates the base and every valid submission that has no final evaluation yet, then
 * judges and scores. Runs under the task's lease; what an earlier holder finished is not done again. Infrastructure that
 * fails too often blocks the task until the operator decides.
 */
export async function evaluateTask(app: App, lease: Lease, task: TaskRecord): Promise<void> {
  for (;;) {
    lease.signal.throwIfAborted();
    try {
      const models = await modelsLeft(app, task);
      if (models.length > 0) await evaluateModels(app, lease, task, models);
      break;
    } catch (error) {
      if (!(error instanceof InfrastructureError)) throw error;
      if (await blockAfterFailure(app, lease, task.id, error)) return;
    }
  }
  await scoreTask(app, lease, task.id);
}

/** The base (null) and the valid submissions without a final evaluation, base first, then in the order of seals. */
async function modelsLeft(app: App, task: TaskRecord): Promise<readonly (SubmissionRecord | null)[]> {
  const counting = (await entriesOf(app.store, task.id)).flatMap(({ submission }) => submission ?? []);
  const inspected: SubmissionRecord[] = [];
  for (const submission of counting) {
    inspected.push(
      submission.staticVerdict.status === "PENDING" ? await inspectSubmission(app, submission.id) : submission,
    );
  }
  const done = await app.store.find("evaluations", { taskId: task.id, status: { in: ["COMPLETED", "INVALID"] } });
  const finished = new Set(done.map(({ submissionId }) => submissionId));
  const valid = inspected
    .filter(({ staticVerdict }) => staticVerdict.status === "VALID")
    .sort((a, b) => a.sealSequence - b.sealSequence);
  return [null, ...valid].filter((model) => !finished.has(model?.id ?? null));
}

/** Counts the failure; true where the task is blocked now and waits for the operator. */
async function blockAfterFailure(app: App, lease: Lease, taskId: string, error: InfrastructureError): Promise<boolean> {
  app.log.warn("evaluation infrastructure failed", { taskId, code: error.code, reason: error.message });
  return app.store.transaction(async (tx) => {
    await app.leases.assertHeld(tx, lease);
    const task = await lockTask(tx, taskId);
    if (task?.status !== "EVALUATING") return true;
    const infrastructureFailures = task.infrastructureFailures + 1;
    const blocks = infrastructureFailures >= app.settings.evaluation.maxInfrastructureFailures;
    const now = app.clock.now();
    const blocked = blocks ? { code: error.code, since: now.toISOString(), message: error.message } : null;
    await tx.update("tasks", { id: taskId }, { infrastructureFailures, blocked });
    await recordEvent(app, tx, taskId, blocks ? "evaluationBlocked" : "evaluationInfrastructureFailed", {
      actor: "scheduler",
      data: { code: error.code, message: error.message, failures: infrastructureFailures },
    });
    if (blocks) {
      const message = `evaluation failed ${infrastructureFailures} times: ${error.message}; mend it and call retryEvaluation, or failTask`;
      await tx.insert("notices", { id: app.ids.random(), taskId, code: error.code, message, createdAt: now });
    }
    return blocks;
  });
}
