import type { ArtifactKind, Device, Json, JsonObject, Losses, StaticFacts } from "../contract/index.ts";
import type { TaskStatus, Verdict } from "../domain/index.ts";

/**
 * What is stored, table by table: the shapes that use cases read and write through the Store port.
 * Ids are uuids; moments are Dates; hashes are lower-case hex; `jsonb` columns hold plain JSON.
 */

export type TaskOrigin = "ORGANIC" | "SYNTHETIC" | "BENCHMARK";
export type DatasetSplitName = "TRAIN" | "TEST" | "SYNTH";

/** A customer or an operator: somebody who holds API keys. */
export interface AccountRecord {
  readonly id: string;
  readonly kind: "CUSTOMER" | "OPERATOR";
  readonly name: string;
  readonly createdAt: Date;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly accountId: string;
  readonly label: string;
  /** First characters of the key, to recognise it by; the key itself is never stored. */
  readonly prefix: string;
  /** sha256 of the key. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export interface MinerRecord {
  readonly id: string;
  /** sr25519 public key in SS58 form. */
  readonly hotkey: string;
  readonly name: string;
  readonly status: "ACTIVE" | "SUSPENDED";
  readonly taskTypes: readonly string[];
  readonly maxParameterCount: number;
  readonly slots: number;
  readonly lastHeartbeatAt: Date | null;
  /** The sequence number of the miner's newest event; 0 before the first. */
  readonly eventSequence: number;
  readonly createdAt: Date;
}

export interface ChallengeRecord {
  readonly id: string;
  readonly hotkey: string;
  readonly message: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

export interface IdempotencyRecord {
  readonly principal: string;
  readonly mutation: string;
  readonly key: string;
  readonly bodyDigest: string;
  /** What the first call answered, as ids. */
  readonly result: JsonObject;
  readonly createdAt: Date;
}

export type TaskFailureCode =
  "PREPARATION_FAILED" | "NO_MINERS" | "NO_VALID_SUBMISSION" | "EVALUATION_FAILED" | "CANCELLED";

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
  readonly split: DatasetSplitName;
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

export interface UploadFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** An artefact on its way: files are PUT one by one, each resumable by offset. */
export interface UploadRecord {
  readonly id: string;
  readonly assignmentId: string;
  readonly minerId: string;
  readonly files: readonly UploadFile[];
  /** REJECTED: it was not sealed in time; CLEARED: and its files are removed. */
  readonly status: "OPEN" | "COMPLETE" | "SEALED" | "REJECTED" | "CLEARED";
  readonly expiresAt: Date;
  readonly createdAt: Date;
}

/** PENDING until intake has looked at it; only VALID ones are evaluated. */
export interface StaticVerdict {
  readonly status: "PENDING" | "VALID" | "INVALID";
  readonly code: string | null;
  readonly message: string | null;
}

export interface SubmissionRecord {
  readonly id: string;
  readonly taskId: string;
  readonly assignmentId: string;
  readonly minerId: string;
  /** Null where the model is fetched from a source. */
  readonly uploadId: string | null;
  /** Null where the model was uploaded. */
  readonly source: SourceName | null;
  /** 1 … 5: the last one of an assignment counts. */
  readonly ordinal: number;
  readonly final: boolean;
  readonly artifactKind: ArtifactKind;
  /** Frozen; empty until a source has been fetched. */
  readonly files: readonly UploadFile[];
  /** A label of the miner's own, shown on the leaderboard after SCORED. */
  readonly strategy: string | null;
  readonly sealedAt: Date;
  /** Database sequence: breaks equal times. */
  readonly sealSequence: number;
  readonly staticVerdict: StaticVerdict;
  readonly facts: StaticFacts | null;
}

/** What may be shown of a source. */
export type SourceName =
  { readonly kind: "HUGGING_FACE"; readonly repo: string; readonly commit: string } | { readonly kind: "S3" };

/** Where a sealed model is fetched from. What it must be is fixed by the seal: a commit, or the digest of every file. */
export type ModelSource =
  | {
      readonly kind: "HUGGING_FACE";
      readonly repo: string;
      /** 40 hex digits, never a branch. */
      readonly commit: string;
      /** What the miner says the manifest's digest is; null where it says nothing. */
      readonly manifestDigest: string | null;
    }
  | { readonly kind: "S3"; readonly files: readonly PresignedFile[] };

/** A file in somebody's bucket: the link holds a signature, so it is shown to nobody and forgotten after use. */
export interface PresignedFile extends UploadFile {
  readonly url: string;
}

/** A sealed model on its way from its source. */
export interface SourceFetchRecord {
  readonly submissionId: string;
  readonly taskId: string;
  readonly source: ModelSource;
  /** STALLED: the platform gave up for now; CANCELLED: the task ended first; CLEARED: what had arrived in vain is removed. */
  readonly status: "PENDING" | "STALLED" | "DONE" | "REFUSED" | "CANCELLED" | "CLEARED";
  /** The frozen manifest; null before the source was listed and checked. */
  readonly files: readonly UploadFile[] | null;
  /** sha256 of the files that are in the artefact store already. */
  readonly stored: readonly string[];
  /** Failed ones in a row. */
  readonly attempts: number;
  readonly problem: { readonly code: string; readonly message: string } | null;
  /** No attempt before this. */
  readonly dueAt: Date;
  readonly createdAt: Date;
}

export type EvaluationStatus = "COMPLETED" | "INVALID" | "INFRASTRUCTURE";

/** One attempt to evaluate one model (the base where `submissionId` is null). */
export interface EvaluationRecord {
  readonly id: string;
  readonly taskId: string;
  readonly submissionId: string | null;
  readonly attempt: number;
  readonly status: EvaluationStatus;
  readonly losses: Losses | null;
  readonly weightedLoss: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly logTail: string | null;
  /** runner, image digest, device, library versions, seeds, dataset digests, base revision, artefact digest. */
  readonly record: JsonObject;
  readonly durationMs: number;
  readonly createdAt: Date;
}

export interface FindingRecord {
  readonly id: string;
  readonly taskId: string;
  readonly submissionId: string;
  readonly rule: string;
  readonly verdict: Verdict;
  readonly code: string;
  readonly evidence: JsonObject;
  readonly createdAt: Date;
}

/** One row per (task, miner): written once, with the transition to SCORED. */
export interface ScoreRecord {
  readonly taskId: string;
  readonly minerId: string;
  readonly submissionId: string | null;
  readonly rank: number | null;
  readonly taskScore: number;
  readonly taskWeight: number;
  readonly adjustedScore: number;
  /** Machine-readable reason, and a sentence. */
  readonly reason: string;
  readonly explanation: string;
  readonly scoredAt: Date;
}

export interface WeightSetRecord {
  readonly id: string;
  readonly sequence: number;
  /** For auditors: every result of the window in sorted order, those that count for nothing marked as left out. */
  readonly inputs: Json;
  readonly policy: string;
  /** Per miner: windowScores, temporalScore, finalScore, weight (fraction), integer (per 1e9). */
  readonly entries: readonly WeightEntry[];
  readonly empty: boolean;
  readonly digest: string;
  readonly createdAt: Date;
}

/** What a rule found about a miner when it judged the window of a weight set. */
export interface WindowFindingRecord {
  readonly id: string;
  readonly weightSetId: string;
  readonly minerId: string;
  /** The submission that stands for the miner's results. */
  readonly submissionId: string;
  readonly rule: string;
  readonly verdict: Verdict;
  readonly code: string;
  readonly evidence: JsonObject;
  /** False where leaving results out would have raised the miner's weight, or there was nothing to leave out. */
  readonly leftOut: boolean;
  readonly createdAt: Date;
}

export interface WeightEntry {
  readonly minerId: string;
  readonly hotkey: string;
  readonly temporalScore: number;
  readonly finalScore: number;
  readonly weight: number;
  readonly integer: number;
}

export interface LeaseRecord {
  readonly resource: string;
  readonly holder: string;
  /** Grows with every taking: a write with an older token is refused. */
  readonly token: number;
  readonly heartbeatAt: Date;
}

/** A device that a worker has: what evaluations run on, one session at a time. Its lease is held while one does. */
export interface DeviceRecord extends Device {
  /** Name of the process that registered it last. */
  readonly worker: string;
  readonly model: string;
  /** Null where it does not bound what fits: a CPU. */
  readonly memoryMiB: number | null;
  /** The task that the lease's holder works on; means nothing where nobody holds it. */
  readonly taskId: string | null;
  /** The task whose evaluation failed here last for the platform's fault, and when. */
  readonly failedTaskId: string | null;
  readonly failedAt: Date | null;
  readonly seenAt: Date;
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

export type OutboxKind = "wake" | "topic";

/** What the relay must tell: a job to ring (`wake`) or a topic to ring (`topic`). Payloads hold ids only. */
export interface OutboxRecord {
  readonly sequence: number;
  readonly kind: OutboxKind;
  readonly topic: string;
  readonly payload: JsonObject;
  readonly createdAt: Date;
}

export interface MinerEventRecord {
  readonly minerId: string;
  /** 1, 2, 3 … per miner without gaps. */
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly taskId: string | null;
  readonly payload: JsonObject;
  readonly at: Date;
}

/** Words for the operator. */
export interface NoticeRecord {
  readonly id: string;
  readonly taskId: string | null;
  readonly code: string;
  readonly message: string;
  readonly createdAt: Date;
}

/** Every mutation by an operator. */
export interface AuditRecord {
  readonly id: string;
  readonly actor: string;
  readonly action: string;
  readonly data: JsonObject;
  readonly at: Date;
}

/** The last sign of life of any server process: what open deadlines are extended by after a stop. */
export interface ServerHeartbeatRecord {
  readonly id: number;
  readonly at: Date;
}

export interface LedgerRecord {
  readonly sequence: number;
  readonly weightSetId: string;
  readonly digest: string;
  readonly prevDigest: string;
  readonly createdAt: Date;
}

/** Table name -> row. The Store port is typed by it. */
export interface Tables {
  readonly accounts: AccountRecord;
  readonly apiKeys: ApiKeyRecord;
  readonly miners: MinerRecord;
  readonly challenges: ChallengeRecord;
  readonly idempotencyKeys: IdempotencyRecord;
  readonly tasks: TaskRecord;
  readonly datasetSplits: DatasetSplitRecord;
  readonly offers: OfferRecord;
  readonly assignments: AssignmentRecord;
  readonly uploads: UploadRecord;
  readonly submissions: SubmissionRecord;
  readonly sourceFetches: SourceFetchRecord;
  readonly evaluations: EvaluationRecord;
  readonly findings: FindingRecord;
  readonly scores: ScoreRecord;
  readonly weightSets: WeightSetRecord;
  readonly windowFindings: WindowFindingRecord;
  readonly leases: LeaseRecord;
  readonly devices: DeviceRecord;
  readonly taskEvents: TaskEventRecord;
  readonly outbox: OutboxRecord;
  readonly minerEvents: MinerEventRecord;
  readonly notices: NoticeRecord;
  readonly auditLog: AuditRecord;
  readonly serverHeartbeats: ServerHeartbeatRecord;
  readonly ledger: LedgerRecord;
}
