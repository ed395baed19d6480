import { aField, type SubmissionDraft } from "../../core/contract/testing/field-builders.ts";
import { testAntiGamingRule } from "../../core/contract/testing/test-anti-gaming-rule.ts";
import { suspiciousGap } from "./rule.ts";

const flagged = (submission: string) => ({ submission, verdict: "FLAG", code: "SUSPICIOUS_GAP" }) as const;

/** σ(L_test) = 0.0816…, so that the threshold is 0.0408… where row losses hardly spread. */
const honest: readonly SubmissionDraft[] = [
  { id: "a", testLoss: 1.0, synthLoss: 1.01 },
  { id: "b", testLoss: 1.1, synthLoss: 1.11 },
  { id: "c", testLoss: 1.2, synthLoss: 1.21 },
];
const memoriser: SubmissionDraft = { id: "memoriser", testLoss: 1.1, synthLoss: 1.5 };
const shifted = (by: number) => honest.map((draft) => ({ ...draft, synthLoss: (draft.testLoss ?? 0) + by }));

testAntiGamingRule(suspiciousGap, {
  caught: [
    {
      name: "one that does much worse on the rewrites",
      judged: aField({ submissions: [...honest, memoriser] }),
      findings: [flagged("memoriser")],
    },
    {
      name: "one beyond the gap that the base itself has",
      judged: aField({
        submissions: [...shifted(0.3), { ...memoriser, synthLoss: 1.9 }],
        base: { testLoss: 2, synthLoss: 2.3 },
      }),
      findings: [flagged("memoriser")],
    },
    {
      name: "a copy of the memoriser, which counts once in σ",
      judged: aField({
        submissions: [
          ...honest,
          { ...memoriser, facts: { digest: "m" } },
          { ...memoriser, id: "copy", facts: { digest: "m" } },
        ],
      }),
      findings: [flagged("memoriser"), flagged("copy")],
    },
    {
      name: "a smaller gap under a stricter operator",
      judged: aField({ submissions: [...honest.slice(0, 2), { id: "c", testLoss: 1.2, synthLoss: 1.23 }] }),
      options: { deviations: 0.3 },
      findings: [flagged("c")],
    },
    {
      name: "a gap measured on a single row, where standard errors play no part",
      judged: aField({ submissions: [...honest, { ...memoriser, rowLosses: { test: [1.1], synth: [1.5] } }] }),
      options: { standardErrors: 0 },
      findings: [flagged("memoriser")],
    },
  ],
  clean: [
    { name: "a field of two", judged: aField({ submissions: [...honest.slice(0, 1), memoriser] }) },
    { name: "a field that does well everywhere", judged: aField({ submissions: honest }) },
    {
      name: "a field without any spread of its test losses",
      judged: aField({ submissions: honest.map((draft) => ({ ...draft, testLoss: 1, synthLoss: 2 })) }),
    },
    {
      name: "a field of three of which two are the same model",
      judged: aField({
        submissions: [
          { ...memoriser, facts: { digest: "a" } },
          { id: "a" },
          { id: "b", testLoss: 1.1, facts: { digest: "a" } },
        ],
      }),
    },
    {
      name: "a memoriser that fails statically: it is judged elsewhere and widens no σ",
      judged: aField({
        submissions: [...honest, { ...memoriser, testLoss: 9, synthLoss: 12, facts: { wrongBase: true } }],
      }),
    },
    {
      name: "a gap that the whole field shares with the base",
      judged: aField({ submissions: shifted(0.3), base: { testLoss: 2, synthLoss: 2.3 } }),
    },
    {
      name: "a gap that the whole field shares and the base doesn't, with a notice",
      judged: aField({ submissions: shifted(0.3), base: { testLoss: 2, synthLoss: 1.9 } }),
      notices: 1,
    },
    {
      name: "a gap within two standard errors of itself",
      judged: aField({
        submissions: [
          ...honest,
          {
            id: "noisy",
            testLoss: 1.1,
            synthLoss: 1.3,
            rowLosses: { test: [1, 1.2, 1, 1.2], synth: [0.9, 1.7, 1.1, 1.5] },
          },
        ],
      }),
    },
    {
      name: "a gap measured on a single row",
      judged: aField({ submissions: [...honest, { ...memoriser, rowLosses: { test: [1.1], synth: [1.5] } }] }),
    },
    {
      name: "a task without SYNTH rows",
      judged: aField({ submissions: honest.map((draft) => ({ ...draft, synthLoss: null })) }),
    },
  ],
});
