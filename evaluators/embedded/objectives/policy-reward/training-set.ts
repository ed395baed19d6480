import { batch, createLlama, type Llama, noGrad, seed, tokenLosses } from "../../engine/index.ts";
import type { RowSource, TrainingLoss, TrainingSet } from "../objective.ts";
import { runToEnd } from "../run-to-end.ts";
import { advantages } from "./advantages.ts";
import { divergenceGradient, meanDivergence } from "./divergence.ts";
import { mean } from "./group-score.ts";
import { createJudge, rehearse } from "./judge.ts";
import type { PolicyRewardOptions } from "./options.ts";
import { readPrompts } from "./prompts.ts";
import { completionText, type Group, groupByLength, sampleGroups } from "./sample-groups.ts";
import { toExample } from "./token-divergences.ts";
import { createUniform } from "./uniform.ts";

/** Completions per prompt and step: more than an evaluation samples, as they are compared with each other. */
const GROUP_SIZE = 8;

/** A prompt with completions of the model in training, and what a step must know of them. */
export interface RewardedGroup {
  readonly prompt: readonly number[];
  readonly completions: Group;
  /** Weighted reward of each completion. */
  readonly rewards: readonly number[];
  /** −ln π_ref of each token of each completion. */
  readonly reference: readonly (readonly number[])[];
}

/**
 * Group relative policy optimisation: each step samples completions of its prompts from the model, and makes those
 * likelier that are better than their group. The reference is the model before its first step.
 */
export function policyRewardTraining(source: RowSource, options: PolicyRewardOptions): TrainingSet {
  const { rules, name } = source;
  const { maxNewTokens, temperature, beta } = options;
  const endToken = rules.config.eos_token_id;
  const limits = { maxNewTokens, contextLength: rules.contextLength, temperature, endToken };
  const judge = createJudge(options);
  const prompts = readPrompts(source.file, rules, maxNewTokens);
  rehearse(judge, prompts, name);
  const reference = createLlama(source.base.config, source.base.weights(), { train: "none" });
  let steps = 0;

  const sample = (model: Llama, rows: readonly number[]): readonly RewardedGroup[] => {
    steps += 1;
    const uniform = createUniform(source.seed ?? "", `${name}:${steps}`);
    // A row that comes twice in a step gets numbers of its own each time.
    const chosen = rows.flatMap((row, index) =>
      prompts.slice(row, row + 1).map((prompt) => ({ ...prompt, row: index })),
    );
    return groupByLength(chosen, GROUP_SIZE, limits).flatMap((equallyLong) => {
      const groups = sampleGroups(model, equallyLong, GROUP_SIZE, { uniform, limits });
      const examples = groups.flatMap((group, index) =>
        group.map((ids) => toExample(equallyLong[index]?.ids ?? [], ids)),
      );
      const known = runToEnd(tokenLosses(reference, examples));
      return equallyLong.map((prompt, index) => {
        const completions = groups[index] ?? [];
        const texts = completions.map((ids) => completionText(ids, endToken, rules.tokenizer));
        const byFunction = judge.rewards(prompt, texts, `row ${prompt.row + 1} of step ${steps}`);
        const weighted = (completion: number): number =>
          options.rewards.reduce((sum, { weight }, k) => sum + weight * (byFunction[k]?.[completion] ?? NaN), 0);
        return {
          prompt: prompt.ids,
          completions,
          rewards: completions.map((_, completion) => weighted(completion)),
          reference: known.slice(index * GROUP_SIZE, (index + 1) * GROUP_SIZE),
        };
      });
    });
  };

  return {
    rows: prompts.length,
    forward: (model, rows) => {
      const groups = noGrad(() => sample(model, rows));
      return forwardGroups(model, groups, beta);
    },
  };
}

/**
 * One on-policy step: the loss is β·KL − R. With advantage A and n tokens in a completion, the gradient of a token's
 * −ln π is (A + β·(exp(d) − 1)) / n, d = ln π_ref − ln π, then the mean over completions and prompts.
 */
export function forwardGroups(model: Llama, groups: readonly RewardedGroup[], beta: number): TrainingLoss {
  const sequences = groups.flatMap(({ prompt, completions }) => completions.map((ids) => toExample(prompt, ids)));
  const { ids, targets, length } = batch(sequences);
  const nll = model.tokenNll(ids, targets, sequences.length, length);
  const values = nll.data.slice();
  const gradient = new Float32Array(nll.size);
  const losses: number[] = [];
  let sequence = 0;
  for (const { prompt, completions, rewards, reference } of groups) {
    const ofGroup = advantages(rewards);
    const distances = completions.map((completion, index) => {
      // Position t predicts token t + 1.
      const offset = sequence * length + prompt.length - 1;
      const own = Array.from(values.subarray(offset, offset + completion.length));
      const known = reference[index] ?? [];
      const share = completion.length * completions.length * groups.length;
      for (const [t, policy] of own.entries()) {
        const pull = beta * divergenceGradient(policy, known[t] ?? NaN);
        gradient[offset + t] = ((ofGroup[index] ?? NaN) + pull) / share;
      }
      sequence += 1;
      return meanDivergence(own, known);
    });
    losses.push(beta * mean(distances) - mean(rewards));
  }
  seed(nll, gradient);
  return { loss: mean(losses), tokens: sequences.reduce((sum, { ids: row }) => sum + row.length, 0) };
}
