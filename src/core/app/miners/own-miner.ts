import { ok } from "../../domain/index.ts";
import { fail, type AppResult } from "../errors.ts";
import type { Reader, Tx } from "../ports.ts";
import type { Principal } from "../principal.ts";
import type { AssignmentRecord, MinerRecord, TaskRecord } from "../records.ts";
import { lockTask } from "../tasks/transition.ts";

/** Says who is asking where only miners may. */
export function refuseNonMiner(principal: Principal) {
  if (principal.kind === "ANONYMOUS")
    return fail("UNAUTHENTICATED", "expected a miner's token, found none: authenticate with a hotkey");
  return fail("FORBIDDEN", "only a miner may do this: authenticate with a hotkey");
}

/** The miner of the token, once it has registered and while it is not suspended. */
export async function ownMiner(reader: Reader, principal: Principal): Promise<AppResult<MinerRecord>> {
  if (principal.kind !== "MINER") return refuseNonMiner(principal);
  const miner = await reader.findOne("miners", { id: principal.minerId });
  if (miner === null) return fail("NOT_FOUND", "this hotkey has no miner yet: call registerMiner");
  // A socket may have been opened before the suspension.
  return miner.status === "SUSPENDED"
    ? fail("MINER_SUSPENDED", "this miner is suspended: ask the operator")
    : ok(miner);
}

/** One of the miner's own assignments, locked after its task (the order that every use case keeps). */
export async function ownAssignment(
  tx: Tx,
  principal: Principal,
  assignmentId: string,
): Promise<AppResult<{ readonly assignment: AssignmentRecord; readonly task: TaskRecord }>> {
  const miner = await ownMiner(tx, principal);
  if (!miner.ok) return miner;
  const own = { id: assignmentId, minerId: miner.value.id };
  const seen = await tx.findOne("assignments", own);
  const task = seen && (await lockTask(tx, seen.taskId));
  const assignment = task && (await tx.findOne("assignments", own, { lock: "update" }));
  // Somebody else's is answered alike: its existence is nobody's business.
  if (!task || !assignment) {
    return fail("NOT_FOUND", "expected the id of one of your assignments, found none", ["input", "assignmentId"]);
  }
  return ok({ assignment, task });
}
