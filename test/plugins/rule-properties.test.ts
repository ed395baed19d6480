import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { falsePositives, honestField } from "../../bench/rules/honest-field.ts";
import type { JudgedField, TaskRule } from "../../src/core/contract/index.ts";
import type { Judged } from "../../src/core/contract/testing/anti-gaming-rule-checks.ts";
import { permuted, renamed, unrename } from "../../src/core/contract/testing/rule-transformations.ts";
import { aField, type SubmissionDraft } from "../../src/core/contract/testing/index.ts";
import { foldFindings, taskScores, type Finding } from "../../src/core/domain/index.ts";
import { duplicateLosses } from "../../src/plugins/duplicate-losses/rule.ts";
import { notFinetuned } from "../../src/plugins/not-finetuned/rule.ts";
import { suspiciousGap } from "../../src/plugins/suspicious-gap/rule.ts";

// Few values, close together: duplicates, equal digests and gaps around the threshold are common.
const testLoss = fc.constantFrom(1, 1 + 5e-7, 1 + 2e-6, 1.1, 1.5, 2);
const draft = fc.record({
  testLoss,
  gap: fc.constantFrom(null, 0, 1e-7, 0.2, 0.5, 3),
  digest: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  fault: fc.constantFrom("none", "none", "none", "none", "equalsBase", "wrongBase", "wrongArchitecture"),
  sealedAt: fc.nat(3),
});
const field: fc.Arbitrary<JudgedField> = fc
  .record({
    drafts: fc.array(draft, { maxLength: 12 }),
    baseGap: fc.constantFrom(null, -0.1, 0, 0.3),
    tolerance: fc.constantFrom(1e-6, 1e-3),
  })
  .map(({ drafts, baseGap, tolerance }) =>
    aField({
      tolerance,
      base: baseGap === null ? null : { testLoss: 3, synthLoss: 3 + baseGap },
      submissions: drafts.map(({ gap, digest, fault, ...rest }, index): SubmissionDraft => ({
        id: `submission-${index}`,
        ...rest,
        synthLoss: gap === null ? null : rest.testLoss + gap,
        facts: { digest, [fault]: true },
      })),
    }),
  );

const isField = (judged: Judged): judged is JudgedField => "submissions" in judged;
const sorted = (findings: readonly Finding[]) => findings.map((finding) => JSON.stringify(finding)).toSorted();

describe.each([duplicateLosses, notFinetuned, suspiciousGap] as readonly TaskRule[])("rule $name", (rule) => {
  const options = rule.options.parse({});
  const findingsOf = (judged: JudgedField) => rule.judge(judged, options).findings;

  it("judges the same in any order", () => {
    fc.assert(
      fc.property(field, (judged) => {
        const expected = sorted(findingsOf(judged));
        for (const other of permuted(judged).filter(isField)) expect(sorted(findingsOf(other))).toEqual(expected);
      }),
    );
  });

  it("judges the same whatever anybody is called", () => {
    fc.assert(
      fc.property(field, (judged) => {
        const other = renamed(judged);
        if (!isField(other.judged)) throw new Error("a field was renamed to something else");
        const back = findingsOf(other.judged).map((finding) => unrename(finding, other.names));
        expect(sorted(back)).toEqual(sorted(findingsOf(judged)));
      }),
    );
  });

  it("finds something about submissions of the field only", () => {
    fc.assert(
      fc.property(field, (judged) => {
        const ids = judged.submissions.map(({ id }) => id);
        for (const { submission } of findingsOf(judged)) expect(ids).toContain(submission);
      }),
    );
  });

  it("raises nobody's score by a finding about him", () => {
    fc.assert(
      fc.property(field, (judged) => {
        const verdicts = foldFindings(findingsOf(judged));
        const scoresWith = (accused: string | null) =>
          new Map(
            taskScores(
              judged.submissions.map(({ id, weightedLoss, firstSealedAt }) => {
                const verdict = id === accused ? verdicts.get(id) : undefined;
                return {
                  id,
                  loss: weightedLoss,
                  sealedAt: firstSealedAt,
                  valid: true,
                  ...(verdict ? { verdict } : {}),
                };
              }),
            ).map(({ id, score }) => [id, score]),
          );
        const unjudged = scoresWith(null);
        for (const id of verdicts.keys())
          expect(scoresWith(id).get(id)).toBeLessThanOrEqual(unjudged.get(id) ?? Number.NaN);
      }),
    );
  });
});

describe("honest fields", () => {
  const world = { testRows: 100, synthRows: 300, skillSpread: 0.1, rewriteShift: 1 };
  const countOf = (rule: TaskRule) => (judged: JudgedField) =>
    rule.judge(judged, rule.options.parse({})).findings.length;

  it.each([4, 8, 25])("of %i miners hardly ever have a finding", (miners) => {
    expect(falsePositives(countOf(duplicateLosses), { ...world, miners }, 40).submissions).toBe(0);
    expect(falsePositives(countOf(suspiciousGap), { ...world, miners }, 40).submissions).toBeLessThan(0.01);
  });

  it("would be flagged often if their standard errors did not count", () => {
    const options = suspiciousGap.options.parse({ standardErrors: 0 });
    const bare = (judged: JudgedField) => suspiciousGap.judge(judged, options).findings.length;
    expect(falsePositives(bare, { ...world, miners: 8 }, 40).submissions).toBeGreaterThan(0.05);
  });

  it("show up one who learnt the test rows by heart", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const judged = honestField({ ...world, miners: 8 }, seed);
      const [first, ...others] = judged.submissions;
      if (first === undefined) throw new Error("the field is empty");
      const rows = first.losses.rowLosses.test.map((loss) => loss * 0.3);
      const testLoss = first.losses.testLoss * 0.3;
      const losses = { ...first.losses, testLoss, rowLosses: { ...first.losses.rowLosses, test: rows } };
      const submissions = [{ ...first, losses }, ...others];
      const { findings } = suspiciousGap.judge({ ...judged, submissions }, suspiciousGap.options.parse({}));
      expect(findings.map(({ submission }) => submission)).toEqual([first.id]);
    }
  });
});
