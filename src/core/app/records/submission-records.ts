import type { ArtifactKind, JsonObject, Losses, StaticFacts } from "../../contract/index.ts";
import type { Verdict } from "../../domain/index.ts";

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
