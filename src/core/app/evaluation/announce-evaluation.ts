import { compareIds } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { ringHooks } from "../hooks.ts";
import type { Tx } from "../ports.ts";
import type { EvaluationRecord } from "../records.ts";
import { recordEvent } from "../tasks/transition.ts";

/** Tells the task's history and the hooks of a result. Not before the training is over: a customer can read the history. */
export async function announceEvaluation(
  app: App,
  tx: Tx,
  { taskId, submissionId, status, attempt }: EvaluationRecord,
): Promise<void> {
  await ringHooks(app, tx, "evaluationFinished", { taskId, submissionId, status });
  const data = { submissionId, status, attempt };
  await recordEvent(app, tx, taskId, "modelEvaluated", { actor: "scheduler", data });
}

/** What was evaluated early becomes known when the training ends. */
export async function announceEarlyEvaluations(app: App, tx: Tx, taskId: string): Promise<void> {
  const early = await tx.find("evaluations", { taskId, status: { in: ["COMPLETED", "INVALID"] } });
  // In an order that tells nothing about when.
  for (const evaluation of early.toSorted((a, b) => compareIds(a.id, b.id)))
    await announceEvaluation(app, tx, evaluation);
}
