import type { JsonValue } from "./canonical-json.ts";

/** What a finding demands: leave out with a penalty, or keep without a reward. */
export const VERDICTS = Object.freeze(["DISQUALIFY", "FLAG"] as const);
export type Verdict = (typeof VERDICTS)[number];

/** What an anti-gaming rule found out about one submission. */
export interface Finding {
  /** Id of the submission. */
  readonly submission: string;
  readonly verdict: Verdict;
  /** SCREAMING_SNAKE. */
  readonly code: string;
  readonly evidence: { readonly [name: string]: JsonValue };
}

/** The verdict that several amount to: DISQUALIFY beats FLAG, nothing is nothing. */
export function foldVerdicts(verdicts: readonly Verdict[]): Verdict | undefined {
  if (verdicts.includes("DISQUALIFY")) return "DISQUALIFY";
  return verdicts.includes("FLAG") ? "FLAG" : undefined;
}

/** The verdict on each submission that has a finding, in sorted id order; the findings' order doesn't matter. */
export function foldFindings(findings: readonly Finding[]): ReadonlyMap<string, Verdict> {
  const folded = new Map<string, Verdict>();
  const bySubmission = Map.groupBy(findings, ({ submission }) => submission);
  for (const submission of [...bySubmission.keys()].sort()) {
    const verdict = foldVerdicts((bySubmission.get(submission) ?? []).map((finding) => finding.verdict));
    if (verdict !== undefined) folded.set(submission, verdict);
  }
  return folded;
}
