import type { Reader } from "../ports.ts";
import type { SubmissionRecord, TaskRecord } from "../records.ts";
import { isArriving } from "../sources/arriving.ts";
import { entriesOf } from "./counting-submissions.ts";

/** What is evaluated: a submission, or null for the base itself. */
export type Model = SubmissionRecord | null;

/** What whoever evaluates a model holds. */
export const modelLease = (taskId: string, model: Model): string => `model:${taskId}:${model?.id ?? "base"}`;

/**
 * The base and the submissions that count and have no final evaluation yet, base first. After the training: all but those
 * that intake refused and those that have not arrived, in the order of seals. During it, for early evaluation: those that intake accepted, final ones first,
 * without what failed once already for a reason that was not their own; and the base only where there are such.
 */
export async function modelsLeft(reader: Reader, task: Pick<TaskRecord, "id" | "status">): Promise<readonly Model[]> {
  const early = task.status === "TRAINING";
  const submissions = early ? await sealedSoFar(reader, task.id) : await counting(reader, task.id);
  if (early && submissions.length === 0) return [];
  const evaluations = await reader.find("evaluations", { taskId: task.id });
  const done = new Set(
    evaluations.flatMap(({ submissionId, status }) => (status === "INFRASTRUCTURE" && !early ? [] : [submissionId])),
  );
  return [null, ...submissions].filter((model) => !done.has(model?.id ?? null));
}

/** Submissions that count and are still on their way from their sources: they can't be evaluated yet. */
export async function stillArriving(reader: Reader, taskId: string): Promise<readonly SubmissionRecord[]> {
  return (await entriesOf(reader, taskId)).flatMap(({ submission }) => submission ?? []).filter(isArriving);
}

async function counting(reader: Reader, taskId: string): Promise<readonly SubmissionRecord[]> {
  return (await entriesOf(reader, taskId))
    .flatMap(({ submission }) => submission ?? [])
    .filter((submission) => submission.staticVerdict.status !== "INVALID" && !isArriving(submission))
    .toSorted((a, b) => a.sealSequence - b.sealSequence);
}

/** The last seal of each assignment that is still in the training: another seal may follow and count instead. */
async function sealedSoFar(reader: Reader, taskId: string): Promise<readonly SubmissionRecord[]> {
  const assignments = await reader.find("assignments", { taskId, status: { in: ["ACTIVE", "SEALED"] } });
  const training = new Set(assignments.map(({ id }) => id));
  const seals = await reader.find("submissions", { taskId }, { orderBy: { sealSequence: "asc" } });
  const last = new Map(seals.map((submission) => [submission.assignmentId, submission]));
  return [...last.values()]
    .filter(({ assignmentId, staticVerdict }) => training.has(assignmentId) && staticVerdict.status === "VALID")
    .toSorted((a, b) => Number(b.final) - Number(a.final) || a.sealSequence - b.sealSequence);
}
