import { EvaluationError } from "../../evaluator/protocol.ts";
import { type CodeFaultKind, createSandbox, type Sandbox } from "../../sandbox/index.ts";
import type { PolicyRewardOptions, RewardFunction } from "./options.ts";
import type { Prompt } from "./prompts.ts";

/** Rewards of the completions of one prompt, scaled to 0..1: by function, then by completion. */
export type GroupRewards = readonly (readonly number[])[];

export interface Judge {
  /** @throws EvaluationError with the cause "task" where a reward function fails. */
  rewards(prompt: Prompt, completions: readonly string[], place: string): GroupRewards;
}

const CODES = {
  BROKEN: "REWARD_BROKEN",
  THREW: "REWARD_THREW",
  TIMEOUT: "REWARD_TIMEOUT",
  MEMORY: "REWARD_MEMORY",
  WRONG_LENGTH: "REWARD_WRONG_LENGTH",
  NOT_A_NUMBER: "REWARD_NOT_A_NUMBER",
} as const satisfies Record<CodeFaultKind, string>;

let shared: Sandbox | undefined;

/** Asks a task's reward functions; all judges of this process share one sandbox, in which no call sees another. */
export function createJudge({ rewards }: Pick<PolicyRewardOptions, "rewards">): Judge {
  shared ??= createSandbox();
  const sandbox = shared;
  return {
    rewards: ({ text, fields }, completions, place) =>
      rewards.map((reward) => {
        const { source, params, range } = reward;
        const input = JSON.stringify({ prompt: text, completions, row: fields, params });
        const result = sandbox.call({ source, name: "reward", input, count: completions.length });
        if (!result.ok) throw fault(CODES[result.kind], reward, place, result.message);
        return result.numbers.map((number) => {
          if (number >= range.min && number <= range.max) return (number - range.min) / (range.max - range.min);
          const message = `returned ${number}, which is not between ${range.min} and ${range.max}`;
          throw fault("REWARD_OUT_OF_RANGE", reward, place, message);
        });
      }),
  };
}

function fault(code: string, { id, version }: RewardFunction, place: string, message: string): EvaluationError {
  return new EvaluationError("task", code, `The reward function ${id} (version ${version}) ${message}, for ${place}.`);
}

/** Texts that tell most functions which fail on some completion: nothing, odd characters, numbers, JSON, the row itself. */
function rehearsalTexts({ text, fields }: Prompt): readonly string[] {
  return [
    "",
    " \n",
    text,
    ...Object.values(fields),
    "0",
    "-1.5e300",
    "{",
    '{"a":[1,null]}',
    "é\u0000\u{1F600} ".repeat(200),
  ];
}

/** Asks for rewards of made-up completions of every prompt, so that broken functions show before anything is spent. */
export function rehearse(judge: Judge, prompts: readonly Prompt[], set: string): void {
  for (const [index, prompt] of prompts.entries())
    judge.rewards(prompt, rehearsalTexts(prompt), `made-up completions of row ${index + 1} of set ${set}`);
}
