import type { AntiGamingRule } from "../anti-gaming-rule.ts";
import { ruleChecks, type RuleCases, type RuleInput } from "./anti-gaming-rule-checks.ts";
import { describeChecks } from "./describe-checks.ts";

/** Tests a rule with fields that it must catch and fields that it must let pass: see docs/plugins/kits.md. */
export function testAntiGamingRule<R extends AntiGamingRule>(rule: R, cases: RuleCases<RuleInput<R>>): void {
  describeChecks(`rule ${rule.name}`, ruleChecks(rule, cases), cases.skip);
}
