import { describe, expect, it } from "vitest";
import { createLlama, initWeights } from "../../evaluators/embedded/engine/index.ts";
import { advantages } from "../../evaluators/embedded/objectives/policy-reward/advantages.ts";
import { drawToken } from "../../evaluators/embedded/objectives/policy-reward/draw-token.ts";
import { groupByLength, sampleGroups } from "../../evaluators/embedded/objectives/policy-reward/sample-groups.ts";
import { createUniform } from "../../evaluators/embedded/objectives/policy-reward/uniform.ts";
import { tinyConfig } from "./tiny-base.ts";

describe("the random number of a token", () => {
  it.each([
    ["00ff", "test", { row: 0, completion: 0, position: 0 }, 0.9131613248844028],
    ["00ff", "test", { row: 0, completion: 0, position: 1 }, 0.3975027579114119],
    ["00ff", "test", { row: 7, completion: 1, position: 2 }, 0.695283827599314],
    ["", "synth", { row: 299, completion: 0, position: 255 }, 0.4689886502492182],
  ])("for seed %j, set %s, %j is the one that an implementation in Python gives", (seed, set, place, expected) => {
    expect(createUniform(seed, set)(place)).toBe(expected);
  });

  it("differs from all others", () => {
    const numbers = ["test", "synth"].flatMap((set) => {
      const uniform = createUniform("ab", set);
      const places = [0, 1, 2].flatMap((row) =>
        [0, 1, 2].flatMap((completion) => [0, 1, 2, 3].map((position) => ({ row, completion, position }))),
      );
      return places.map(uniform);
    });
    expect(new Set(numbers).size).toBe(72);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  });
});

describe("drawing a token", () => {
  const logits = Float32Array.from([0, Math.log(2), Math.log(5)]);

  it("takes the first token whose share of the distribution is not passed", () => {
    const drawn = [0, 0.12, 0.13, 0.37, 0.38, 0.999].map((u) => drawToken(logits, 1, u));
    expect(drawn).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it("sharpens and flattens with the temperature", () => {
    expect([0.5, 1, 4].map((temperature) => drawToken(logits, temperature, 0.16))).toEqual([1, 1, 0]);
  });

  it("draws something whatever the numbers are", () => {
    expect(drawToken(Float32Array.from([-1e30, 88, 1e30]), 1, 0.5)).toBe(2);
    expect(drawToken(Float32Array.from([NaN, 0, 0]), 1, 0.5)).toBe(2);
    expect(drawToken(Float32Array.from([0, -Infinity, -Infinity]), 1, 0.9999999)).toBe(0);
  });
});

describe("sampled completions", () => {
  const model = createLlama(tinyConfig, initWeights(tinyConfig, 4), { train: "none" });
  const limits = { maxNewTokens: 6, contextLength: 12, temperature: 1, endToken: 2 };
  const uniform = createUniform("07", "test");
  const prompts = [
    [1, 70],
    [1, 71, 72],
    [1, 90],
    [1, 5, 6, 7, 8, 9, 10, 11, 12],
  ].map((ids, row) => ({ ids, row }));
  const sample = (some: typeof prompts) =>
    new Map(
      groupByLength(some, 2, limits).flatMap((batch) => {
        const groups = sampleGroups(model, batch, 2, { uniform, limits });
        return batch.map(({ row }, index) => [row, groups[index]] as const);
      }),
    );

  it("of a prompt are the same whatever else is sampled", () => {
    const all = sample(prompts);
    expect(all.size).toBe(4);
    for (const prompt of prompts) expect(sample([prompt]).get(prompt.row)).toEqual(all.get(prompt.row));
    expect(sample(prompts.toReversed())).toEqual(all);
  });

  it("end with the end token, the longest length or the context", () => {
    for (const [row, group] of sample(prompts)) {
      const room = Math.min(6, 12 - (prompts[row]?.ids.length ?? 0));
      for (const ids of group ?? []) {
        expect(ids.length).toBeLessThanOrEqual(room);
        expect(ids.slice(0, -1)).not.toContain(2);
        expect(ids.length === room || ids.at(-1) === 2).toBe(true);
      }
    }
  });

  it("stop at the end token", () => {
    // Embeddings of the end token that dwarf all others make it the likeliest of all, or the least likely.
    const weights = initWeights(tinyConfig, 4);
    const embedding = weights.get("model.embed_tokens.weight")?.data;
    embedding?.copyWithin(2 * tinyConfig.hidden_size, 70 * tinyConfig.hidden_size, 71 * tinyConfig.hidden_size);
    for (let i = 0; i < tinyConfig.hidden_size; i++) {
      const index = 2 * tinyConfig.hidden_size + i;
      if (embedding !== undefined) embedding[index] = (embedding[index] ?? 0) * 1e4;
    }
    const loud = createLlama(tinyConfig, weights, { train: "none" });
    const [group] = sampleGroups(loud, [{ row: 0, ids: [1, 70] }], 4, { uniform, limits });
    expect(group).toEqual([[2], [2], [2], [2]]);
  });
});

describe("advantages", () => {
  it("are how many deviations a reward is above its group's mean", () => {
    const [low, middle, high] = advantages([0, 0.5, 1]);
    expect(low).toBeCloseTo(-1.2244, 3);
    expect(middle).toBe(0);
    expect(high).toBeCloseTo(1.2244, 3);
  });

  it("are zero where all rewards are alike", () => {
    expect(advantages([0.3, 0.3, 0.3, 0.3])).toEqual([0, 0, 0, 0]);
  });
});
