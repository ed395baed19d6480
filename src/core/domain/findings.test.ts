import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldFindings, foldVerdicts } from "./findings.ts";
import type { Finding, Verdict } from "./findings.ts";

function finding(submission: string, verdict: Verdict): Finding {
  return { submission, verdict, code: "ANY", evidence: {} };
}

describe("foldVerdicts", () => {
  it.each<[Verdict[], Verdict | undefined]>([
    [[], undefined],
    [["FLAG"], "FLAG"],
    [["DISQUALIFY"], "DISQUALIFY"],
    [["FLAG", "DISQUALIFY", "FLAG"], "DISQUALIFY"],
  ])("folds %j to %s", (verdicts, folded) => {
    expect(foldVerdicts(verdicts)).toBe(folded);
  });
});

describe("foldFindings", () => {
  it("lets DISQUALIFY beat FLAG for each submission by itself", () => {
    const folded = foldFindings([finding("b", "DISQUALIFY"), finding("a", "FLAG"), finding("b", "FLAG")]);
    expect([...folded]).toEqual([
      ["a", "FLAG"],
      ["b", "DISQUALIFY"],
    ]);
  });

  it("doesn't depend on the order of findings", () => {
    const some = fc.array(
      fc.tuple(fc.constantFrom("a", "b", "c", "__proto__"), fc.constantFrom<Verdict>("FLAG", "DISQUALIFY")),
    );
    fc.assert(
      fc.property(some, (pairs) => {
        const findings = pairs.map(([submission, verdict]) => finding(submission, verdict));
        expect([...foldFindings(findings.toReversed())]).toEqual([...foldFindings(findings)]);
      }),
    );
  });
});
