import type { Reader } from "../ports.ts";
import type { AssignmentRecord, SubmissionRecord } from "../records.ts";

/** An assignment that trained, with the seal that counts: its last one, where it kept one. */
export interface Entry {
  readonly assignment: AssignmentRecord;
  readonly submission: SubmissionRecord | null;
}

/** Every assignment of a task that started, in the order of miners. Withdrawn and failed ones have no submission that counts. */
export async function entriesOf(reader: Reader, taskId: string): Promise<readonly Entry[]> {
  const assignments = await reader.find(
    "assignments",
    { taskId, status: { not: "RELEASED" } },
    { orderBy: { minerId: "asc" } },
  );
  const seals = await reader.find("submissions", { taskId }, { orderBy: { sealSequence: "asc" } });
  const last = new Map(seals.map((submission) => [submission.assignmentId, submission]));
  return assignments.map((assignment) => ({
    assignment,
    submission: assignment.status === "SEALED" ? (last.get(assignment.id) ?? null) : null,
  }));
}
