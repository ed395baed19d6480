import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { principalName, type Principal } from "../principal.ts";
import type { AssignmentRecord } from "../records.ts";
import { recordEvent } from "../tasks/transition.ts";
import { ownAssignment } from "./own-miner.ts";

interface Leaving {
  readonly assignmentId: string;
  /** What the assignment becomes once the training has started. */
  readonly status: "WITHDRAWN" | "FAILED";
  readonly event: "minerWithdrew" | "minerFailed";
  readonly failureMessage: string | null;
}

/**
 * Gives an assignment up: before the training starts it is only released and the place is filled again; after that it
 * counts (spec section 8), and the training ends early where nobody is left at it.
 */
export async function leaveTask(
  app: App,
  principal: Principal,
  leaving: Leaving,
): Promise<AppResult<AssignmentRecord>> {
  return app.store.transaction(async (tx) => {
    const own = await ownAssignment(tx, principal, leaving.assignmentId);
    if (!own.ok) return own;
    const { assignment } = own.value;
    const { failureMessage } = leaving;
    if (assignment.status === leaving.status) return ok(assignment);
    if (assignment.status !== "ACCEPTED" && assignment.status !== "ACTIVE") {
      const message = `expected an assignment that goes on, found it ${assignment.status}: there is nothing to give up`;
      return fail("ASSIGNMENT_NOT_ACTIVE", message, ["input", "assignmentId"]);
    }
    const patch = {
      status: assignment.status === "ACTIVE" ? leaving.status : "RELEASED",
      endedAt: app.clock.now(),
      failureMessage,
    } as const;
    await tx.update("assignments", { id: assignment.id }, patch);
    // Before the training starts, the answer is taken back with the place: somebody else is asked for it.
    if (patch.status === "RELEASED") await tx.update("offers", { id: assignment.offerId }, { status: "WITHDRAWN" });
    const actor = principalName(principal);
    const data = { assignmentId: assignment.id, before: assignment.status };
    await recordEvent(app, tx, assignment.taskId, leaving.event, { actor, data });
    await tx.ring("wake", "advance", { taskId: assignment.taskId });
    return ok({ ...assignment, ...patch });
  });
}
