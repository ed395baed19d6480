import type { JsonObject } from "../../contract/index.ts";
import type { DatasetSplit, TaskFailureCode, TaskOrigin, TaskStatus } from "../../domain/index.ts";

export interface TaskFailure {
  readonly code: TaskFailureCode;
  readonly message: string;
  readonly stage: TaskStatus;
  readonly logTail: string | null;
}

export interface TaskRecord {
  readonly id: string;
  readonly kind: string;
  readonly origin: TaskOrigin;
  readonly status: TaskStatus;
  /** Counts the transitions: every change compares and sets it. */
  readonly version: number;
  readonly customerId: string | null;
  readonly title: string;
  readonly spec: JsonObject;
  readonly specVersion: number;
  readonly baseRepo: string;
  readonly baseRevision: string;
  readonly parameterCount: number;
  /** Where the rows come from; hidden until SCORED from everyone but owner and operator. */
  readonly datasetSource: JsonObject;
  readonly datasetRows: number | null;
  /** Rows removed from TRAIN because a copy of them is in TEST. */
  readonly duplicatesRemoved: number | null;
  readonly synthMethod: string | null;
  /** sha256 of taskSecret, published at creation. */
  readonly secretCommitment: string;
  readonly initialBudgetSeconds: number;
  readonly grantedBudgetSeconds: number;
  /** Miners to recruit, drawn at the first recruiting round. */
  readonly minerTarget: number | null;
  readonly delays: number;
  readonly deadline: Date | null;
  /** The next moment at which something must happen on its own (offer window, back-off, deadline). */
  readonly dueAt: Date | null;
  readonly failure: TaskFailure | null;
  readonly blocked: { readonly code: string; readonly since: string; readonly message: string } | null;
  readonly infrastructureFailures: number;
  readonly taskWeight: number | null;
  readonly createdAt: Date;
  readonly trainingStartedAt: Date | null;
  readonly scoredAt: Date | null;
}

/** One published file of a task's data. */
export interface DatasetSplitRecord {
  readonly taskId: string;
  readonly split: DatasetSplit;
  readonly rows: number;
  /** Rendered rows as JSON lines, in the artefact store. */
  readonly sha256: string;
  readonly bytes: number;
  /** Row numbers in the source (TRAIN, TEST), or the TEST row that each SYNTH row was made from. */
  readonly sourceRows: readonly number[];
  /** sha256(nonce || digest) published with RECRUITING; nonce and digest are opened after SCORED. */
  readonly commitment: string;
  readonly nonce: string;
}

export type OfferStatus = "OPEN" | "ACCEPTED" | "DECLINED" | "EXPIRED" | "WITHDRAWN";

export interface OfferRecord {
  readonly id: string;
  readonly taskId: string;
  readonly minerId: string;
  /** `task.delays` when it was made: each recruiting round starts afresh. */
  readonly round: number;
  readonly wave: number;
  readonly status: OfferStatus;
  readonly expiresAt: Date;
  readonly answeredAt: Date | null;
  readonly createdAt: Date;
}

export type AssignmentStatus = "ACCEPTED" | "ACTIVE" | "SEALED" | "WITHDRAWN" | "FAILED" | "EXPIRED" | "RELEASED";

/** A miner's accepted place in a task. ACCEPTED until training starts, SEALED after a final seal (or any seal at the deadline), EXPIRED without one. */
export interface AssignmentRecord {
  readonly id: string;
  readonly taskId: string;
  readonly minerId: string;
  readonly offerId: string;
  readonly status: AssignmentStatus;
  readonly acceptedAt: Date;
  readonly endedAt: Date | null;
  /** Last heartbeat of the training: {phase, step, steps, loss, etaSeconds}. */
  readonly progress: JsonObject | null;
  readonly failureMessage: string | null;
}

/** Every transition and every notable fact of a task, in order, with who caused it. */
export interface TaskEventRecord {
  /** Grows within the database. */
  readonly sequence: number;
  readonly taskId: string;
  readonly type: string;
  readonly fromStatus: TaskStatus | null;
  readonly toStatus: TaskStatus | null;
  readonly actor: string;
  readonly data: JsonObject;
  readonly at: Date;
}
