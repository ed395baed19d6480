import { createHash } from "node:crypto";
import type { Llama } from "../../engine/index.ts";
import { requireFiniteRows } from "../finite-rows.ts";
import type { EvaluationSet, RowSource } from "../objective.ts";
import { parseGivenCompletions } from "./given-completions.ts";
import { type GroupScore, meanScore, scoreGroup } from "./group-score.ts";
import { createJudge, type GroupRewards, rehearse } from "./judge.ts";
import type { PolicyRewardOptions } from "./options.ts";
import { type Prompt, readPrompts } from "./prompts.ts";
import { completionText, type Group, groupByLength, sampleGroups } from "./sample-groups.ts";
import { divergences, toExample } from "./token-divergences.ts";
import { createUniform } from "./uniform.ts";

interface NumberedRow extends Prompt {
  readonly row: number;
}

interface Judged {
  readonly score: GroupScore;
  readonly group: Group;
  readonly texts: readonly string[];
  readonly rewards: GroupRewards;
}

/**
 * Prompts whose completions are sampled anew from each model, always with the same random numbers.
 *
 * @throws EvaluationError with the cause "task" where a reward function fails on made-up completions already.
 */
export function policyRewardEvaluation(source: RowSource, options: PolicyRewardOptions): EvaluationSet {
  const { name, rules, base } = source;
  const { beta, completions: count, maxNewTokens, temperature } = options;
  const { eos_token_id: endToken, vocab_size: vocabulary } = rules.config;
  const { contextLength } = rules;
  const sampling = {
    uniform: createUniform(source.seed ?? "", name),
    limits: { maxNewTokens, contextLength, temperature, endToken },
  };
  const weights = options.rewards.map(({ weight }) => weight);
  const judge = createJudge(options);
  const prompts = readPrompts(source.file, rules, maxNewTokens).map((prompt, row) => ({ ...prompt, row }));
  rehearse(judge, prompts, name);

  function* judgeBatch(
    model: Llama,
    batch: readonly NumberedRow[],
    groups: readonly Group[],
  ): Generator<unknown, readonly Judged[]> {
    const examples = batch.flatMap(({ ids }, index) => (groups[index] ?? []).map((own) => toExample(ids, own)));
    const far = yield* divergences(model, base, examples);
    return batch.map((prompt, index) => {
      const group = groups[index] ?? [];
      const texts = group.map((ids) => completionText(ids, endToken, rules.tokenizer));
      const rewards = judge.rewards(prompt, texts, `row ${prompt.row + 1} of set ${name}`);
      const own = far.slice(index * count, (index + 1) * count);
      return { score: scoreGroup(rewards, own, { beta, weights }), group, texts, rewards };
    });
  }

  return {
    rows: prompts.length,
    takesCompletions: true,
    *evaluate(model, { tokens, completions }) {
      const sizes = { count, vocabulary, contextLength };
      const given = completions === undefined ? undefined : parseGivenCompletions(completions, prompts, sizes);
      const judged = new Map<number, Judged>();
      for (const batch of groupByLength(prompts, count, sampling.limits)) {
        const groups =
          given === undefined ? sampleGroups(model, batch, count, sampling) : batch.map(({ row }) => given[row] ?? []);
        const steps = judgeBatch(model, batch, groups);
        let step = steps.next();
        for (; step.done !== true; step = steps.next()) yield judged.size;
        for (const [index, { row }] of batch.entries()) {
          const found = step.value[index];
          if (found !== undefined) judged.set(row, found);
        }
        yield judged.size;
      }
      const inOrder = prompts.flatMap(({ row }) => judged.get(row) ?? []);
      const scores = inOrder.map(({ score }) => score);
      requireFiniteRows(
        scores.map(({ score, reward, kl }) => ({ score, reward, kl })),
        name,
      );
      const sampled = createHash("sha256").update(JSON.stringify(inOrder.map(({ group }) => group)));
      return {
        rows: tokens ? inOrder.map((row, index) => withTokens(row, prompts[index]?.ids ?? [])) : scores,
        ...meanScore(scores),
        completions: sampled.digest("hex"),
      };
    },
  };
}

function withTokens({ score, group, texts, rewards }: Judged, prompt: readonly number[]): object {
  const completions = group.map((ids, index) => ({
    ids,
    text: texts[index] ?? "",
    rewards: rewards.map((ofFunction) => ofFunction[index] ?? NaN),
  }));
  return { ...score, prompt, completions };
}
