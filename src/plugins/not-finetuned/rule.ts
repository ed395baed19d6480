import { z } from "zod";
import { defineTaskRule, type Finding, type RefusedSubmission } from "../../core/contract/index.ts";

/** Disqualifies what intake recognised as no fine-tune of the task's base (spec section 7). */
export const notFinetuned = defineTaskRule({
  name: "not-finetuned",
  source: "spec section 7",
  description: "The model equals the base, has another architecture, or is an adapter of another base.",
  options: z.strictObject({}),
  judge: (field) => ({ findings: [...field.submissions, ...field.refused].flatMap(findingsOf), notices: [] }),
});

function findingsOf({ id, facts }: RefusedSubmission): readonly Finding[] {
  const disqualify = (code: string, evidence: Finding["evidence"]) =>
    ({ submission: id, verdict: "DISQUALIFY", code, evidence }) satisfies Finding;
  return [
    ...(facts.equalsBase ? [disqualify("NOT_FINETUNED", { reason: "EQUALS_BASE", digest: facts.digest })] : []),
    ...(facts.wrongArchitecture ? [disqualify("WRONG_BASE", { reason: "WRONG_ARCHITECTURE" })] : []),
    ...(facts.wrongBase
      ? [disqualify("WRONG_BASE", { reason: "ADAPTER_OF_ANOTHER_BASE", namedBase: facts.namedBase })]
      : []),
  ];
}
