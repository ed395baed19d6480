import { describe, expect, it } from "vitest";
import { z } from "zod";
import { backward, begin, readSafetensors } from "../../evaluators/embedded/engine/index.ts";
import { logProbabilities } from "../../evaluators/embedded/objectives/preference/log-probabilities.ts";
import { pairLoss, type PairLogProbabilities } from "../../evaluators/embedded/objectives/preference/pair-loss.ts";
import type { Pair } from "../../evaluators/embedded/objectives/preference/pairs.ts";
import { forwardPairs } from "../../evaluators/embedded/objectives/preference/training-set.ts";
import { goldenPath, gradientsOf, loadGolden, readGoldenJson, relativeError } from "./golden-models.ts";

const sequence = z.object({ ids: z.array(z.number()), counts: z.array(z.boolean()) });
const { beta, pairs } = z
  .object({ beta: z.number(), pairs: z.array(z.object({ chosen: sequence, rejected: sequence })) })
  .parse(readGoldenJson("pairs.json"));
const row = z.object({ loss: z.number(), chosenReward: z.number(), rejectedReward: z.number() });
const recorded = z.object({ loss: z.number(), rows: z.array(row) });
const expected = z
  .object({ untied: recorded, tied: recorded, lora: recorded })
  .parse(readGoldenJson("preference.json"));

function logProbabilitiesOf(...[model, some]: Parameters<typeof logProbabilities>): readonly PairLogProbabilities[] {
  const steps = logProbabilities(model, some);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** Each pair with what the reference, the model "untied", gives it. */
const reference = logProbabilitiesOf(loadGolden("untied"), pairs);
const referred = pairs.flatMap((pair: Pair, index) =>
  reference.slice(index, index + 1).map((known) => ({ ...pair, reference: known })),
);

describe.each(["untied", "tied", "lora"] as const)("the preference loss of %s against torch in float64", (name) => {
  const model = loadGolden(name);

  it("agrees on the loss and both rewards of every pair to 1e-6", () => {
    const policy = logProbabilitiesOf(model, pairs);
    const errors = referred.flatMap(({ reference: known }, index) => {
      const found = pairLoss(policy[index] ?? { chosen: NaN, rejected: NaN }, known, beta);
      const wanted = expected[name].rows[index];
      return (["loss", "chosenReward", "rejectedReward"] as const).map((field) =>
        Math.abs(found[field] - (wanted?.[field] ?? NaN)),
      );
    });
    expect(errors).toHaveLength(3 * pairs.length);
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });

  it("agrees on the mean loss to 1e-6 and on the gradient of every tensor to a relative 1e-5", () => {
    begin();
    const { loss } = forwardPairs(model, referred, beta);
    backward();
    expect(Math.abs(loss - expected[name].loss)).toBeLessThan(1e-6);

    const own = gradientsOf(model);
    const torch = readSafetensors(goldenPath(`preference-${name}.gradients.safetensors`));
    expect([...own.keys()].sort()).toEqual([...torch.keys()].sort());
    const errors = [...torch].map(([tensor, { data }]) => ({
      tensor,
      error: relativeError(own.get(tensor)?.data ?? new Float32Array(), data),
    }));
    expect(errors.filter(({ error }) => !(error < 1e-5))).toEqual([]);
  });
});

it("a policy that is the reference has the loss ln 2 to the last bit", () => {
  const losses = referred.map(({ reference: known }) => pairLoss(known, known, beta).loss);
  expect(losses).toEqual(pairs.map(() => Math.LN2));
});

it("a pair's loss is finite and falls with the margin, however far the policy went", () => {
  const margins = [-1e5, -800, -1, 0, 1, 800, 1e5];
  const losses = margins.map(
    (margin) => pairLoss({ chosen: margin / beta, rejected: 0 }, { chosen: 0, rejected: 0 }, beta).loss,
  );
  expect(losses.every((loss) => Number.isFinite(loss) && loss >= 0)).toBe(true);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  expect(losses[0]).toBeCloseTo(1e5, 6);
});
