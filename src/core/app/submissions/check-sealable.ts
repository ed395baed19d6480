import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import type { Tx } from "../ports.ts";
import type { AssignmentRecord, TaskRecord } from "../records.ts";

/** Not started yet, or given up: these have no deadline to be late for. */
const NOT_IN_TRAINING: ReadonlySet<AssignmentRecord["status"]> = new Set([
  "ACCEPTED",
  "RELEASED",
  "WITHDRAWN",
  "FAILED",
]);

/** Whether an assignment (locked with its task) may seal once more, now; the value is the next seal's ordinal. */
export async function checkSealable(
  app: App,
  tx: Tx,
  { assignment, task }: { readonly assignment: AssignmentRecord; readonly task: TaskRecord },
  path: readonly string[],
): Promise<AppResult<number>> {
  const { maxPerAssignment } = app.settings.uploads;
  const seals = await tx.find("submissions", { assignmentId: assignment.id });
  if (seals.some(({ final }) => final)) {
    return fail("SEALED_FINAL", "a submission of this assignment was sealed as final: nothing comes after it", path);
  }
  if (NOT_IN_TRAINING.has(assignment.status)) {
    return fail("ASSIGNMENT_NOT_ACTIVE", `expected an ACTIVE assignment, found it ${assignment.status}`, path);
  }
  // The server's clock decides, also where the training has not been closed yet.
  const late =
    task.deadline === null || (task.deadline <= app.clock.now() && !(await willMove(app, tx, task.deadline)));
  if (task.status !== "TRAINING" || late) {
    const deadline = task.deadline?.toISOString() ?? "none";
    return fail("DEADLINE_PASSED", `expected to be before the deadline, found it passed (${deadline})`, path);
  }
  if (seals.length < maxPerAssignment) return ok(seals.length + 1);
  return fail(
    "TOO_MANY_SEALS",
    `expected at most ${maxPerAssignment} sealed submissions, found ${seals.length} already`,
    path,
  );
}

/** Whether no server was there at the deadline: one that comes back has yet to move it by the time that it was away. */
async function willMove(app: App, tx: Tx, deadline: Date): Promise<boolean> {
  const last = await tx.findOne("serverHeartbeats", {});
  if (last === null || last.at >= deadline) return false;
  return app.clock.now().getTime() - last.at.getTime() > app.settings.downtimeAfterMs;
}
