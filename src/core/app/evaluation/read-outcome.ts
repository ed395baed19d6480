import {
  InfrastructureError,
  TaskError,
  type Attachment,
  type EvalOutcome,
  type Losses,
} from "../../contract/index.ts";
import type { EvaluationContext } from "./evaluation-session.ts";

/** What came of evaluating one model, as far as it is not somebody else's fault. */
export type Reading =
  | {
      readonly status: "COMPLETED";
      readonly losses: Losses;
      readonly weightedLoss: number;
      readonly durationMs: number;
      readonly attachments: readonly Attachment[];
    }
  | { readonly status: "INVALID"; readonly code: string; readonly message: string; readonly logTail: string };

/**
 * What an evaluator's answer means: its output is untrusted until the type's schema has parsed it, and every row of every
 * set has its loss.
 *
 * @throws InfrastructureError, TaskError where the submission is not at fault.
 */
export function readOutcome({ taskType, spec, splits }: EvaluationContext, outcome: EvalOutcome): Reading {
  if (outcome.status === "failed") {
    if (outcome.cause === "task") throw new TaskError(outcome.code, outcome.message);
    if (outcome.cause === "infrastructure") throw new InfrastructureError(outcome.code, outcome.message);
    return { status: "INVALID", code: outcome.code, message: outcome.message, logTail: outcome.logTail };
  }
  const parsed = taskType.evalOutput.safeParse(outcome.output);
  if (!parsed.success) {
    const found = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    throw outputInvalid(`the evaluator's output breaks the type's schema: ${found.slice(0, 1000)}`);
  }
  const losses = taskType.losses(parsed.data, spec);
  const missing = rowsMissing(losses, splits);
  if (missing !== null) throw outputInvalid(missing);
  if (![losses.testLoss, losses.synthLoss ?? 0, ...Object.values(losses.components)].every(Number.isFinite)) {
    return { status: "INVALID", code: "NON_FINITE_LOSS", message: "a loss is not finite", logTail: "" };
  }
  const weightedLoss = taskType.weightedLoss(losses);
  // Finite for finite losses: where it is not, the type is wrong, not the model.
  if (!Number.isFinite(weightedLoss)) throw outputInvalid(`the type weighs finite losses as ${weightedLoss}`);
  const attachments = taskType.attachments?.(parsed.data, spec) ?? [];
  return { status: "COMPLETED", losses, weightedLoss, durationMs: outcome.durationMs, attachments };
}

const outputInvalid = (message: string) => new InfrastructureError("EVALUATOR_OUTPUT_INVALID", message);

/** Losses over other rows than those of the task could not be compared with anybody's. */
function rowsMissing({ rowLosses }: Losses, splits: EvaluationContext["splits"]): string | null {
  for (const { split, rows } of splits) {
    const found = (split === "SYNTH" ? rowLosses.synth : rowLosses.test)?.length ?? 0;
    if (found !== rows) return `expected the losses of the ${rows} rows of ${split}, found ${found}`;
  }
  return null;
}
