import { aField } from "../../core/contract/testing/field-builders.ts";
import { testAntiGamingRule } from "../../core/contract/testing/test-anti-gaming-rule.ts";
import { duplicateLosses } from "./rule.ts";

const duplicate = (submission: string) => ({ submission, verdict: "DISQUALIFY", code: "DUPLICATE" }) as const;

testAntiGamingRule(duplicateLosses, {
  caught: [
    {
      name: "all but the earliest of three with equal losses",
      judged: aField({
        submissions: [
          { id: "late", sealedAt: 30 },
          { id: "first", sealedAt: 10 },
          { id: "second", sealedAt: 20 },
        ],
      }),
      findings: [duplicate("second"), duplicate("late")],
    },
    {
      name: "the one with the later database sequence when times are equal",
      judged: aField({
        submissions: [
          { id: "a", sealedAt: 10, sequence: 7 },
          { id: "b", sealedAt: 10, sequence: 6 },
        ],
      }),
      findings: [duplicate("a")],
    },
    {
      name: "the same model in another file",
      judged: aField({
        submissions: [
          { id: "a", testLoss: 1, facts: { digest: "same" } },
          { id: "b", testLoss: 1.1, facts: { digest: "same" } },
        ],
      }),
      findings: [duplicate("b")],
    },
    {
      name: "losses closer than the type's tolerance, whatever epsilon says",
      judged: aField({
        tolerance: 1e-3,
        submissions: [
          { id: "a", testLoss: 1 },
          { id: "b", testLoss: 1.0005 },
        ],
      }),
      options: { epsilon: 1e-9 },
      findings: [duplicate("b")],
    },
    {
      name: "a copy of a kept one, but not what only resembles that copy",
      judged: aField({
        submissions: [
          { id: "kept", testLoss: 1, synthLoss: 1 },
          { id: "copy", testLoss: 1 + 0.75e-6, synthLoss: 1 },
          { id: "chain", testLoss: 1 + 1.5e-6, synthLoss: 1 },
        ],
      }),
      findings: [duplicate("copy")],
    },
  ],
  clean: [
    {
      name: "a field whose test losses agree and whose synthetic ones don't",
      judged: aField({
        submissions: [
          { id: "a", synthLoss: 1.2 },
          { id: "b", synthLoss: 1.3 },
        ],
      }),
    },
    {
      name: "a difference of exactly epsilon",
      judged: aField({
        submissions: [
          { id: "a", testLoss: 0 },
          { id: "b", testLoss: 1e-6 },
        ],
      }),
    },
    {
      name: "an honest one that hardly differs from an untouched base",
      judged: aField({ submissions: [{ id: "base", facts: { equalsBase: true } }, { id: "honest" }] }),
    },
    {
      name: "types that report different components",
      judged: aField({
        submissions: [
          { id: "a", components: { text: 1 } },
          { id: "b", components: { noText: 1 } },
        ],
      }),
    },
    {
      name: "slight noise, which evades equation 9",
      judged: aField({
        submissions: [
          { id: "a", testLoss: 1 },
          { id: "noisy", testLoss: 1 + 2e-6 },
        ],
      }),
    },
  ],
});
