import { aField } from "../../core/contract/testing/field-builders.ts";
import { testAntiGamingRule } from "../../core/contract/testing/test-anti-gaming-rule.ts";
import { notFinetuned } from "./rule.ts";

const finding = (submission: string, code: string) => ({ submission, verdict: "DISQUALIFY", code }) as const;

testAntiGamingRule(notFinetuned, {
  caught: [
    {
      name: "the untouched base",
      judged: aField({ submissions: [{ id: "copy", facts: { equalsBase: true } }, { id: "honest" }] }),
      findings: [finding("copy", "NOT_FINETUNED")],
    },
    {
      name: "a model of another architecture, evaluated or not",
      judged: aField({
        submissions: [{ id: "evaluated", facts: { wrongArchitecture: true } }],
        refused: [{ id: "refused", facts: { wrongArchitecture: true } }, { id: "broken" }],
      }),
      findings: [finding("evaluated", "WRONG_BASE"), finding("refused", "WRONG_BASE")],
    },
    {
      name: "an adapter of another base",
      judged: aField({
        submissions: [],
        refused: [{ id: "a", facts: { wrongBase: true, namedBase: "another/base" } }],
      }),
      findings: [finding("a", "WRONG_BASE")],
    },
  ],
  clean: [
    {
      name: "an adapter that names the task's base",
      judged: aField({ submissions: [{ id: "a", facts: { namedBase: "the/base" } }] }),
    },
    { name: "a fine-tune with the losses of the base", judged: aField({ submissions: [{ id: "a" }], base: {} }) },
  ],
});
