import { err, type Result } from "../domain/index.ts";

/**
 * The catalogue: every expected failure has a code here, and docs/errors.md says for each what happened and what to do.
 * A throw is a bug; these travel as values.
 */
export const ERROR_CODES = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "INVALID_INPUT",
  "IDEMPOTENCY_CONFLICT",
  "UNKNOWN_TASK_TYPE",
  "UNKNOWN_BASE_MODEL",
  "UNFIT_BASE_MODEL",
  "CODE_NOT_ALLOWED",
  "BUDGET_OUT_OF_BOUNDS",
  "DATASET_TOO_LARGE",
  "DATASET_UNREADABLE",
  "DATASET_COLUMN_MISSING",
  "DATASET_ROW_INVALID",
  "TASK_ENDED",
  "TASK_NOT_BLOCKED",
  "CHALLENGE_INVALID",
  "SIGNATURE_INVALID",
  "MINER_SUSPENDED",
  "OFFER_CLOSED",
  "NO_FREE_SLOT",
  "ASSIGNMENT_NOT_ACTIVE",
  "DEADLINE_PASSED",
  "TOO_MANY_UPLOADS",
  "LINK_EXPIRED",
  "UPLOAD_NOT_OPEN",
  "UPLOAD_TOO_LARGE",
  "UPLOAD_FILE_REFUSED",
  "UPLOAD_INCOMPLETE",
  "UPLOAD_OFFSET_MISMATCH",
  "UPLOAD_TAKEN_OVER",
  "UPLOAD_DIGEST_MISMATCH",
  "UPLOAD_ALREADY_SEALED",
  "SEALED_FINAL",
  "TOO_MANY_SEALS",
  "ARTIFACT_KIND_REFUSED",
  "SOURCE_NOT_ALLOWED",
  "CURSOR_INVALID",
  "QUERY_TOO_COMPLEX",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An expected failure: what was expected, what was found and what to do, and where in the input. */
export interface AppError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: readonly string[];
}

export type AppResult<T> = Result<T, AppError>;

/** A failed result with a catalogued code. */
export const fail = (
  code: ErrorCode,
  message: string,
  path: readonly string[] = [],
): { readonly ok: false; readonly error: AppError } => err({ code, message, path });
