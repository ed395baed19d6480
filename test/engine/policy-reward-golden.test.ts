import { describe, expect, it } from "vitest";
import { z } from "zod";
import { backward, begin, readSafetensors, tokenLosses } from "../../evaluators/embedded/engine/index.ts";
import { meanScore, scoreGroup } from "../../evaluators/embedded/objectives/policy-reward/group-score.ts";
import { divergences, toExample } from "../../evaluators/embedded/objectives/policy-reward/token-divergences.ts";
import { forwardGroups } from "../../evaluators/embedded/objectives/policy-reward/training-set.ts";
import { goldenPath, gradientsOf, loadGolden, readGoldenJson, relativeError } from "./golden-models.ts";

const ids = z.array(z.number());
const { beta, groups } = z
  .object({
    beta: z.number(),
    groups: z.array(z.object({ prompt: ids, completions: z.array(ids), rewards: z.array(z.number()) })),
  })
  .parse(readGoldenJson("completions.json"));
const row = z.object({ score: z.number(), reward: z.number(), kl: z.number() });
const recorded = z.object({ score: z.number(), rows: z.array(row) });
const expected = z
  .object({ untied: recorded, tied: recorded, lora: recorded })
  .parse(readGoldenJson("policy-reward.json"));

function runToEnd<Result>(steps: Generator<unknown, Result>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

const reference = loadGolden("untied");
const examplesOf = ({ prompt, completions }: (typeof groups)[number]) =>
  completions.map((completion) => toExample(prompt, completion));

describe.each(["untied", "tied", "lora"] as const)("given completions of %s against torch in float64", (name) => {
  const model = loadGolden(name);

  it("have the same score to 1e-6 and the same divergence to 1e-5", () => {
    const found = groups.map((group) => {
      const far = runToEnd(divergences(model, reference, examplesOf(group)));
      return scoreGroup([group.rewards], far, { beta, weights: [1] });
    });
    const wanted = expected[name];
    const difference = (field: "score" | "reward" | "kl"): number =>
      Math.max(...found.map((own, index) => Math.abs(own[field] - (wanted.rows[index]?.[field] ?? NaN))));
    expect(found).toHaveLength(wanted.rows.length);
    expect(Math.abs(meanScore(found).score - wanted.score)).toBeLessThan(1e-6);
    expect(difference("score")).toBeLessThan(1e-6);
    expect(difference("reward")).toBeLessThan(1e-12);
    // Single-precision logits move −ln p by about 1e-6 nats, and the estimator's slope is e^d − 1.
    expect(difference("kl")).toBeLessThan(1e-5);
  });

  it("lead to the same gradient of every tensor to a relative 1e-5", () => {
    const rewarded = groups.map((group) => ({
      ...group,
      reference: runToEnd(tokenLosses(reference, examplesOf(group))),
    }));
    begin();
    const { loss } = forwardGroups(model, rewarded, beta);
    backward();
    expect(Math.abs(loss + expected[name].score)).toBeLessThan(1e-6);

    const own = gradientsOf(model);
    const torch = readSafetensors(goldenPath(`policy-reward-${name}.gradients.safetensors`));
    expect([...own.keys()].sort()).toEqual([...torch.keys()].sort());
    const errors = [...torch].map(([tensor, { data }]) => ({
      tensor,
      error: relativeError(own.get(tensor)?.data ?? new Float32Array(), data),
    }));
    expect(errors.filter(({ error }) => !(error < 1e-5))).toEqual([]);
  });
});

it("a model does not differ from itself, to the last bit", () => {
  const [group] = groups;
  if (group === undefined) throw new Error("there are no groups");
  expect(runToEnd(divergences(reference, reference, examplesOf(group)))).toEqual([0, 0, 0]);
});
