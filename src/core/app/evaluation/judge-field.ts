import type { JudgedField, JudgedSubmission } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { Reader } from "../ports.ts";
import type { EvaluationRecord, SubmissionRecord, TaskRecord } from "../records.ts";
import { askRule, type FieldJudgement } from "./ask-rule.ts";
import type { Entry } from "./counting-submissions.ts";

/** Asks every rule about the field of one task: all EVALUATED submissions, with the facts that intake found. */
export async function judgeField(
  app: App,
  reader: Reader,
  task: TaskRecord,
  field: { readonly entries: readonly Entry[]; readonly evaluations: ReadonlyMap<string | null, EvaluationRecord> },
): Promise<FieldJudgement> {
  const taskType = app.registry.taskType(task.kind);
  if (taskType === undefined) throw new Error(`no plugin provides the task type ${task.kind}`);
  const seals = await reader.find("submissions", { taskId: task.id }, { orderBy: { sealSequence: "asc" } });
  const counting = field.entries.flatMap(({ submission }) => submission ?? []);
  const base = field.evaluations.get(null);
  const judged: JudgedField = {
    taskId: task.id,
    tolerance: taskType.tolerance,
    base: base?.losses && base.weightedLoss !== null ? { losses: base.losses, weightedLoss: base.weightedLoss } : null,
    submissions: counting.flatMap((submission) =>
      judgedSubmission(submission, seals, field.evaluations.get(submission.id)),
    ),
    refused: counting.flatMap(({ id, minerId, facts, staticVerdict }) =>
      staticVerdict.status === "INVALID" && facts !== null ? [{ id, minerId, facts }] : [],
    ),
  };
  const subjects = new Set([...judged.submissions, ...judged.refused].map(({ id }) => id));
  const judgements = app.rules.flatMap(({ rule, options }) =>
    rule.scope === "task" ? askRule(rule.name, subjects, () => rule.judge(judged, options)) : [],
  );
  return {
    findings: judgements.flatMap(({ findings }) => findings),
    notices: judgements.flatMap(({ notices }) => notices),
  };
}

function judgedSubmission(
  submission: SubmissionRecord,
  seals: readonly SubmissionRecord[],
  evaluation: EvaluationRecord | undefined,
): readonly JudgedSubmission[] {
  const { facts, minerId } = submission;
  if (!facts || !evaluation?.losses || evaluation.weightedLoss === null) return [];
  const first = seals.find((seal) => seal.minerId === minerId && seal.facts?.digest === facts.digest) ?? submission;
  return [
    {
      id: submission.id,
      minerId,
      firstSealedAt: first.sealedAt.getTime(),
      firstSealSequence: first.sealSequence,
      losses: evaluation.losses,
      weightedLoss: evaluation.weightedLoss,
      facts,
    },
  ];
}
