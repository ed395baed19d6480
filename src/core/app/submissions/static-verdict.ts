import type { StaticVerdict } from "../records.ts";

/** Why intake refuses a sealed model; docs/errors.md says for each what happened and what to do. */
export const VERDICT_CODES = [
  "MALFORMED_MODEL",
  "UNSAFE_MODEL",
  "WRONG_BASE",
  "SOURCE_NOT_FOUND",
  "SOURCE_REFUSED",
  "SOURCE_CHANGED",
  "SOURCE_UNREACHABLE",
] as const;
export type VerdictCode = (typeof VERDICT_CODES)[number];

/** Nobody has looked yet. */
export const PENDING: StaticVerdict = Object.freeze({ status: "PENDING", code: null, message: null });

export const VALID: StaticVerdict = Object.freeze({ status: "VALID", code: null, message: null });

export const invalid = (code: VerdictCode, message: string): StaticVerdict => ({ status: "INVALID", code, message });
