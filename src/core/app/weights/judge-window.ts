import type { WindowResult } from "../../contract/index.ts";
import { askRule, type FieldJudgement, type RuleFinding } from "../evaluation/ask-rule.ts";
import type { ActiveRule } from "../live-plugins.ts";

/** What a rule found about a miner: the submission that it names stands for the miner's results. */
export interface WindowFinding extends RuleFinding {
  readonly minerId: string;
}

export interface WindowJudgement extends FieldJudgement {
  readonly findings: readonly WindowFinding[];
}

/** The longest window that any of the rules judges, in days; 0 without such a rule. */
export const longestRuleDays = (rules: readonly ActiveRule[]): number =>
  Math.max(0, ...rules.map(({ rule }) => (rule.scope === "window" ? rule.days : 0)));

/** Asks every rule about the results of its window: those that are no older than its days. */
export function judgeWindow(rules: readonly ActiveRule[], results: readonly WindowResult[]): WindowJudgement {
  const judgements = rules.flatMap(({ rule, options }) => {
    if (rule.scope !== "window") return [];
    const inside = results.filter(({ ageDays }) => ageDays >= 0 && ageDays <= rule.days);
    const minerOf = new Map(
      inside.flatMap(({ submissionId, minerId }) => (submissionId ? [[submissionId, minerId]] : [])),
    );
    const { findings, notices } = askRule(rule.name, new Set(minerOf.keys()), () => rule.judge(inside, options));
    return {
      findings: findings.map((finding) => ({ ...finding, minerId: minerOf.get(finding.submission) ?? "" })),
      notices,
    };
  });
  return {
    findings: judgements.flatMap(({ findings }) => findings),
    notices: judgements.flatMap(({ notices }) => notices),
  };
}
