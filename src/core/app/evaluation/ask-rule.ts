import { InfrastructureError, type Judgement } from "../../contract/index.ts";
import type { Finding } from "../../domain/index.ts";

export interface RuleFinding extends Finding {
  readonly rule: string;
}

/** What rules found, and their words for the operator, each under the rule's name. */
export interface FieldJudgement {
  readonly findings: readonly RuleFinding[];
  readonly notices: readonly { readonly rule: string; readonly message: string }[];
}

/**
 * A rule's answer under its name.
 *
 * @param subjects the submissions that it is asked about.
 * @throws InfrastructureError that names the rule where it throws or speaks of others: its fault is no miner's.
 */
export function askRule(rule: string, subjects: ReadonlySet<string>, judge: () => Judgement): FieldJudgement {
  try {
    const { findings, notices } = judge();
    const stranger = findings.find(({ submission }) => !subjects.has(submission));
    if (stranger) throw new Error(`it names ${stranger.submission}, whom it was not asked about`);
    return {
      findings: findings.map((finding) => ({ ...finding, rule })),
      notices: notices.map((message) => ({ rule, message })),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InfrastructureError("RULE_FAILED", `the rule ${rule} failed: ${reason}`, { cause });
  }
}
