import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createLlama, loadModel, loadTokenizer, weightsDigest } from "../../evaluators/embedded/engine/index.ts";
import { policyReward } from "../../evaluators/embedded/objectives/policy-reward/index.ts";
import { strategySchema } from "../../evaluators/embedded/trainer/strategy.ts";
import { trainModel } from "../../evaluators/embedded/trainer/train-model.ts";
import { temporaryFolder, writeTinyBase } from "./tiny-base.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const base = join(folder.path, "base");
writeTinyBase(base);

/** Share of characters that are capital letters: about a tenth of all bytes. */
const source = `const reward = ({ completions }) => completions.map((text) => text === "" ? 0 : (text.match(/[A-Z]/g) || []).length / text.length);`;
const objective = policyReward.configure({
  beta: 0.04,
  completions: 2,
  maxNewTokens: 4,
  temperature: 1,
  rewards: [
    {
      id: "capitals",
      version: 1,
      weight: 1,
      range: { min: 0, max: 1 },
      source,
      sha256: createHash("sha256").update(source).digest("hex"),
      params: {},
    },
  ],
});

function writeRows(name: string, prompts: readonly string[]): string {
  const file = join(folder.path, name);
  const lines = prompts.map((text) => JSON.stringify({ prompt: [{ text, counts: false }], row: { prompt: text } }));
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
const trainFile = writeRows(
  "train.jsonl",
  Array.from({ length: 12 }, (_, i) => `${i}: `),
);
const testFile = writeRows(
  "test.jsonl",
  Array.from({ length: 8 }, (_, i) => `${i + 40}: `),
);

const { config, weights } = loadModel(base);
const rules = { tokenizer: loadTokenizer(base), config, contextLength: 48 };

const strategy = (more: object) =>
  strategySchema.parse({ method: "full", learningRate: 3e-2, batchSize: 4, steps: 40, seed: 1, ...more });

function train(given: ReturnType<typeof strategy>) {
  const lora =
    given.method === "lora" ? { lora: { r: given.rank, alpha: given.alpha, targets: given.targets }, seed: 5 } : {};
  const model = createLlama(config, weights, lora);
  const seed = given.seed.toString(16);
  const set = objective.trainingSet({ name: "data/train.jsonl", file: trainFile, rules, base: model, seed });
  return { model, progress: [...trainModel(model, set, given)] };
}

const result = z.object({ reward: z.number(), kl: z.number(), score: z.number() });

function evaluate(model: ReturnType<typeof train>["model"]) {
  const reference = createLlama(config, weights, { train: "none" });
  const set = objective.evaluationSet({ name: "test", file: testFile, rules, base: reference, seed: "07" });
  const steps = set.evaluate(model, { tokens: false });
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return result.parse(step.value);
}

describe("training for rewards", () => {
  const untrained = evaluate(createLlama(config, weights, { train: "none" }));

  it.each([1, 2, 3])("raises the reward and the score of prompts it has not seen, with seed %i", (seed) => {
    const { model, progress } = train(strategy({ seed }));
    const trained = evaluate(model);
    expect(untrained.reward).toBeLessThan(0.25);
    expect(trained.reward).toBeGreaterThan(untrained.reward + 0.6);
    expect(trained.score).toBeGreaterThan(untrained.score + 0.5);
    expect(trained.kl).toBeGreaterThan(0.1);
    expect(progress.at(-1)?.loss).toBeLessThan(progress[0]?.loss ?? NaN);
  });

  it("trains an adapter against the base without it, which stays as it is", () => {
    const { model, progress } = train(strategy({ method: "lora", rank: 4, alpha: 8, steps: 5 }));
    expect(weightsDigest(model.weights())).toBe(weightsDigest(weights));
    expect(evaluate(model).kl).toBeGreaterThan(1e-6);
    // Nothing differs from the base before the first step: its loss is minus a reward.
    expect(progress[0]?.loss).toBeLessThanOrEqual(0);
    expect(progress[0]?.loss).toBeGreaterThanOrEqual(-1);
  });

  it("gives the same bits for the same seed, and others for another", () => {
    const digest = (seed: number) => weightsDigest(train(strategy({ seed, steps: 3 })).model.weights());
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });
});
