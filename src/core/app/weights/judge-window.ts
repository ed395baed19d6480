import type { WindowResult } from "../../contract/index.ts";
import type { FieldJudgement, RuleFinding } from "../evaluation/judge-field.ts";
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
  const findings: WindowFinding[] = [];
  const notices: { rule: string; message: string }[] = [];
  const minerOf = new Map(results.map(({ submissionId, minerId }) => [submissionId, minerId]));
  for (const { rule, options } of rules) {
    if (rule.scope !== "window") continue;
    const judgement = rule.judge(
      results.filter(({ ageDays }) => ageDays >= 0 && ageDays <= rule.days),
      options,
    );
    for (const finding of judgement.findings) {
      const minerId = minerOf.get(finding.submission);
      if (minerId === undefined)
        throw new Error(`${rule.name} names ${finding.submission}, which is not in its window`);
      findings.push({ ...finding, rule: rule.name, minerId });
    }
    notices.push(...judgement.notices.map((message) => ({ rule: rule.name, message })));
  }
  return { findings, notices };
}
