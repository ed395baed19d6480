import assert from "node:assert/strict";
import type { z } from "zod";
import type { AntiGamingRule, JudgedField, Judgement, WindowResult } from "../anti-gaming-rule.ts";
import type { Finding } from "../../domain/index.ts";
import { check, distinctCases, type Check, type Skip } from "./check.ts";
import { assertJson, deepFreeze, pureResult } from "./purity.ts";
import { permuted, renamed, subjectsOf, unrename } from "./rule-transformations.ts";

/** What a rule judges: one task's field, or the results of a window. */
export type Judged = JudgedField | readonly WindowResult[];

export interface RuleCase<Input extends Judged> {
  readonly name: string;
  readonly judged: Input;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface CaughtCase<Input extends Judged> extends RuleCase<Input> {
  /** Every finding that the rule must report, in any order: no other ones. */
  readonly findings: readonly Pick<Finding, "submission" | "verdict" | "code">[];
}

export interface CleanCase<Input extends Judged> extends RuleCase<Input> {
  /** How many notices the operator gets. */
  readonly notices?: number;
}

export interface RuleCases<Input extends Judged> {
  readonly caught: readonly CaughtCase<Input>[];
  readonly clean: readonly CleanCase<Input>[];
  readonly skip?: readonly Skip[];
}

type InputOf<R> = R extends { readonly scope: "task" }
  ? JudgedField
  : R extends { readonly scope: "window" }
    ? readonly WindowResult[]
    : never;
export type RuleInput<R extends AntiGamingRule> = InputOf<R>;

/** All that the kit checks of a rule with the author's fields; each check throws when it does not hold. */
export function ruleChecks(rule: AntiGamingRule, { caught, clean }: RuleCases<Judged>): readonly Check[] {
  const cases = [...caught, ...clean];
  const judge = judgeWith(rule);
  return [
    check("is a frozen rule of this plugin API that works on its defaults", () => {
      assert(Object.isFrozen(rule) && rule.api === 1, "make it with defineTaskRule or defineWindowRule");
      assert.match(rule.name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "its name must be lower-case kebab-case");
      assert(rule.options.safeParse({}).success, "every option needs a default");
      assert(!rule.options.safeParse({ anUnknownOption: 1 }).success, "options must be a z.strictObject");
    }),
    ...caught.map((example) =>
      check(`catches ${example.name}`, () =>
        assert.deepEqual(verdictsOf(judge(example).findings), verdictsOf(example.findings)),
      ),
    ),
    ...clean.map((example) =>
      check(`lets ${example.name} pass`, () => {
        const { findings, notices } = judge(example);
        assert.deepEqual(verdictsOf(findings), []);
        assert.equal(
          notices.length,
          example.notices ?? 0,
          `expected ${example.notices ?? 0} notices, found: ${notices.join("; ")}`,
        );
      }),
    ),
    check("lets an empty field pass", () => {
      const empty =
        rule.scope === "task" ? { taskId: "task", tolerance: 1e-6, base: null, submissions: [], refused: [] } : [];
      assert.deepEqual(judge({ name: "empty", judged: empty }).findings, []);
    }),
    check("reports findings about submissions of the field only, as JSON", () => {
      for (const example of cases) for (const finding of judge(example).findings) checkFinding(finding, example.judged);
    }),
    check("judges the same whatever the order", () => {
      for (const example of cases) {
        const expected = sorted(judge(example).findings);
        for (const judged of permuted(example.judged))
          assert.deepEqual(sorted(judge({ ...example, judged }).findings), expected);
      }
    }),
    check("judges the same whatever submissions and miners are called", () => {
      for (const example of cases) {
        const { judged, names } = renamed(example.judged);
        const findings = judge({ ...example, judged }).findings.map((finding) => unrename(finding, names));
        assert.deepEqual(sorted(findings), sorted(judge(example).findings));
      }
    }),
    distinctCases(cases),
    check("has cases that say something", () => {
      assert(
        caught.some(({ findings }) => findings.length > 0),
        "no caught case has a finding",
      );
      assert(clean.length > 0, "there is no clean case");
    }),
  ];
}

/** Judges frozen input twice, with the options of the case over the defaults. */
function judgeWith(rule: AntiGamingRule): (example: RuleCase<Judged>) => Judgement {
  return ({ judged, options }) => {
    const parsed: z.output<typeof rule.options> = deepFreeze(rule.options.parse(options ?? {}));
    const input = deepFreeze(judged);
    return pureResult(() => {
      if (rule.scope === "task") {
        assert("submissions" in input, "a rule of one task is given a field");
        return rule.judge(input, parsed);
      }
      assert(!("submissions" in input), "a rule of a window is given results");
      return rule.judge(input, parsed);
    });
  };
}

function checkFinding(finding: Finding, judged: Judged): void {
  assert(
    subjectsOf(judged).has(finding.submission),
    `a finding is about ${finding.submission}, which is not in the field`,
  );
  assert(["FLAG", "DISQUALIFY"].includes(finding.verdict), `unknown verdict ${finding.verdict}`);
  assert.match(finding.code, /^[A-Z][A-Z0-9_]*$/, "codes are SCREAMING_SNAKE");
  assertJson(finding.evidence, "evidence");
}

const keyOf = ({ submission, verdict, code }: Pick<Finding, "submission" | "verdict" | "code">) =>
  `${submission} ${verdict} ${code}`;
const verdictsOf = (findings: readonly Pick<Finding, "submission" | "verdict" | "code">[]) =>
  findings.map(keyOf).toSorted();
const sorted = (findings: readonly Finding[]) =>
  findings.toSorted((a, b) => {
    const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
