import { hasScope } from "../accounts/scopes.ts";
import type { Principal } from "../principal.ts";
import type { AssignmentRecord, DatasetSplitRecord, SubmissionRecord, TaskRecord } from "../records.ts";

/** Who may see what (spec sections 4, 9, 10). All pure: a principal, records, a yes or no. */

type Owned = Pick<TaskRecord, "customerId" | "status">;

export const isOperator = (viewer: Principal): boolean => viewer.kind === "OPERATOR";

/** The customer who posted the task, by a key that may read tasks. */
export const isOwner = (viewer: Principal, task: Pick<TaskRecord, "customerId">): boolean =>
  viewer.kind === "CUSTOMER" && viewer.accountId === task.customerId && hasScope(viewer, "tasks:read");

/** Owner and operator. */
export const mayManage = (viewer: Principal, task: Pick<TaskRecord, "customerId">): boolean =>
  isOperator(viewer) || isOwner(viewer, task);

const isSelf = (viewer: Principal, minerId: string): boolean => viewer.kind === "MINER" && viewer.minerId === minerId;

/** The dataset's source would give TEST away as D minus TRAIN. */
export const mayReadDatasetSource = (viewer: Principal, task: Owned): boolean =>
  task.status === "SCORED" || mayManage(viewer, task);

/**
 * A miner that was given the task's data: assigned when the training started. An accepted offer alone is not enough,
 * and neither is one that was withdrawn or released before.
 */
export function wasAssigned(task: Pick<TaskRecord, "trainingStartedAt">, assignment: AssignmentRecord | null): boolean {
  if (task.trainingStartedAt === null || assignment === null) return false;
  return assignment.endedAt === null || assignment.endedAt >= task.trainingStartedAt;
}

/** TRAIN: owner, operator, assigned miners. TEST and SYNTH: the same, after SCORED only. */
export function mayReadRows(
  viewer: Principal,
  task: Owned & Pick<TaskRecord, "trainingStartedAt">,
  split: DatasetSplitRecord["split"],
  own: AssignmentRecord | null,
): boolean {
  if (split !== "TRAIN" && task.status !== "SCORED") return false;
  return mayManage(viewer, task) || (own !== null && isSelf(viewer, own.minerId) && wasAssigned(task, own));
}

/** Digest and nonce open the commitments to all after SCORED; whoever may read the rows knows their digest anyway. */
export const mayReadDigest = (...question: Parameters<typeof mayReadRows>): boolean =>
  question[1].status === "SCORED" || mayReadRows(...question);

/** Private to the miner and the operator until SCORED; of a FAILED task the owner may see why. */
export function maySeeSubmission(
  viewer: Principal,
  task: Owned,
  submission: Pick<SubmissionRecord, "minerId">,
): boolean {
  if (task.status === "SCORED" || isOperator(viewer) || isSelf(viewer, submission.minerId)) return true;
  return task.status === "FAILED" && isOwner(viewer, task);
}

/** Evaluations, findings and scores: until the task has ended, a miner learns nothing but its static verdict. */
export function maySeeOutcome(viewer: Principal, task: Owned, minerId: string): boolean {
  if (task.status === "SCORED" || isOperator(viewer)) return true;
  return task.status === "FAILED" && (isSelf(viewer, minerId) || isOwner(viewer, task));
}

/** A submission's files as bytes: its own miner and the operator; the owner gets the winning model. */
export const mayDownloadSubmission = (viewer: Principal, submission: Pick<SubmissionRecord, "minerId">): boolean =>
  isOperator(viewer) || isSelf(viewer, submission.minerId);

/** The leaderboard and the baseline; of a FAILED task owner and operator see the rows and their reasons. */
export const maySeeLeaderboard = (viewer: Principal, task: Owned): boolean =>
  task.status === "SCORED" || (task.status === "FAILED" && mayManage(viewer, task));

/** The winning model, after SCORED. */
export const maySeeResult = (viewer: Principal, task: Owned): boolean =>
  task.status === "SCORED" && mayManage(viewer, task);

export const maySeeTaskEvents = (viewer: Principal, task: Owned): boolean =>
  task.status === "SCORED" || mayManage(viewer, task);

/** Who takes part is hidden until SCORED from all but owner, operator and the miner itself. */
export const maySeeAssignment = (
  viewer: Principal,
  task: Owned,
  assignment: Pick<AssignmentRecord, "minerId">,
): boolean => task.status === "SCORED" || mayManage(viewer, task) || isSelf(viewer, assignment.minerId);

/** Progress and failure messages of a training. */
export const maySeeProgress = (
  viewer: Principal,
  task: Owned,
  assignment: Pick<AssignmentRecord, "minerId">,
): boolean => mayManage(viewer, task) || isSelf(viewer, assignment.minerId);
