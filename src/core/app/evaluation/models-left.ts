import type { Reader } from "../ports.ts";
import type { AssignmentRecord, EvaluationRecord, SubmissionRecord, TaskRecord } from "../records.ts";
import { isArriving } from "../sources/arriving.ts";
import { entriesOf } from "./counting-submissions.ts";

/** What is evaluated: a submission, or null for the base itself. */
export type Model = SubmissionRecord | null;

/** What whoever evaluates a model holds. */
export const modelLease = (taskId: string, model: Model): string => `model:${taskId}:${model?.id ?? "base"}`;

/** How far the evaluation of a task is. */
export interface EvaluationState {
  readonly left: readonly Model[];
  readonly results: readonly EvaluationRecord[];
}

type Evaluable = Pick<TaskRecord, "id" | "status">;

/**
 * The base and the submissions that count and have no final evaluation yet, base first. After the training: all but those
 * that intake refused and those that have not arrived, in the order of seals. During it, for early evaluation: those that
 * intake accepted, final ones first, without what failed once already for a reason that was not their own; and the base
 * only where there are such.
 */
export async function modelsLeft(reader: Reader, task: Evaluable): Promise<readonly Model[]> {
  return (await evaluationStates(reader, [task])).get(task.id)?.left ?? [];
}

/** The same for several tasks, by their ids, with their results; it takes no more questions to the database. */
export async function evaluationStates(
  reader: Reader,
  tasks: readonly Evaluable[],
): Promise<ReadonlyMap<string, EvaluationState>> {
  if (tasks.length === 0) return new Map();
  const taskId = { in: tasks.map(({ id }) => id) };
  const [assignments, seals, evaluations] = await Promise.all([
    reader.find("assignments", { taskId, status: { in: ["ACTIVE", "SEALED"] } }),
    reader.find("submissions", { taskId }, { orderBy: { sealSequence: "asc" } }),
    reader.find("evaluations", { taskId }),
  ]);
  const of = <Row extends { readonly taskId: string }>(rows: readonly Row[], { id }: Evaluable): readonly Row[] =>
    rows.filter((row) => row.taskId === id);
  return new Map(
    tasks.map((task) => {
      const attempts = of(evaluations, task);
      const left = leftOf(task, of(assignments, task), of(seals, task), attempts);
      return [task.id, { left, results: attempts.filter(({ status }) => status !== "INFRASTRUCTURE") }];
    }),
  );
}

/** Submissions that count and are still on their way from their sources: they can't be evaluated yet. */
export async function stillArriving(reader: Reader, taskId: string): Promise<readonly SubmissionRecord[]> {
  return (await entriesOf(reader, taskId)).flatMap(({ submission }) => submission ?? []).filter(isArriving);
}

function leftOf(
  { status }: Evaluable,
  assignments: readonly AssignmentRecord[],
  seals: readonly SubmissionRecord[],
  evaluations: readonly EvaluationRecord[],
): readonly Model[] {
  const early = status === "TRAINING";
  // Until the deadline a seal that is not final counts if no other follows.
  const counting = assignments.filter((assignment) => early || assignment.status === "SEALED");
  const last = new Map(seals.map((submission) => [submission.assignmentId, submission]));
  const submissions = counting
    .flatMap(({ id }) => last.get(id) ?? [])
    .filter(({ staticVerdict }) => staticVerdict.status === "VALID" || (!early && staticVerdict.status === "PENDING"))
    .filter((submission) => !isArriving(submission))
    .sort((a, b) => (early ? Number(b.final) - Number(a.final) : 0) || a.sealSequence - b.sealSequence);
  if (early && submissions.length === 0) return [];
  const done = new Set(
    evaluations.filter((one) => early || one.status !== "INFRASTRUCTURE").map(({ submissionId }) => submissionId),
  );
  return [null, ...submissions].filter((model) => !done.has(model?.id ?? null));
}
