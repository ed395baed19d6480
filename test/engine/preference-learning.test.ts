import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { createLlama, type Llama, loadModel, loadTokenizer } from "../../evaluators/embedded/engine/index.ts";
import { type EvaluationSet, findObjective, type TrainingSet } from "../../evaluators/embedded/objectives/index.ts";
import { strategySchema } from "../../evaluators/embedded/trainer/strategy.ts";
import { trainModel } from "../../evaluators/embedded/trainer/train-model.ts";
import { dpo } from "../../src/plugins/dpo/index.ts";
import { temporaryFolder } from "./tiny-base.ts";

const root = join(import.meta.dirname, "..", "..");
const basePath = join(root, "models", "gradients-demo", "tiny-llama");
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const spec = dpo.spec.parse({});
const { config, weights } = loadModel(basePath);
const contextLength = config.max_position_embeddings;
const rules = { tokenizer: loadTokenizer(basePath), config, contextLength };
const { name, options } = dpo.objective(spec, {
  taskId: "",
  parameterCount: 0,
  rows: 800,
  contextLength,
  baseConfig: {},
});
const found = findObjective(name);
if (found === undefined) throw new Error(`The evaluator does not know ${name}.`);
const objective = found.configure(options);

const lines = readFileSync(join(root, "datasets", "preferences", "rows.jsonl"), "utf8")
  .trimEnd()
  .split("\n");

/** Some of the demo pairs, rendered to a file; neighbours share a name, so ranges at even numbers share none. */
function write(file: string, from: number, to: number): string {
  const rows = lines.slice(from, to).map((line) => dpo.rowSchema(spec).parse(JSON.parse(line)));
  const path = join(folder.path, file);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(dpo.render(row, spec))}\n`).join(""));
  return path;
}

const base = createLlama(config, weights, { train: "none" });
let heldOut: EvaluationSet;
let trainFile: string;

beforeAll(() => {
  heldOut = objective.evaluationSet({ name: "test", file: write("test.jsonl", 640, 720), rules, base });
  trainFile = write("train.jsonl", 0, 200);
});

function evaluate(model: Llama): { loss: number; accuracy: number } {
  const steps = heldOut.evaluate(model, { tokens: false });
  for (let step = steps.next(); ; step = steps.next())
    if (step.done === true) return z.object({ loss: z.number(), accuracy: z.number() }).parse(step.value);
}

function train(seed: number): Llama {
  const model = createLlama(config, weights);
  const set: TrainingSet = objective.trainingSet({ name: "train", file: trainFile, rules, base: model });
  const strategy = { method: "full", learningRate: 2e-3, batchSize: 8, steps: 25, warmup: 4, seed, weightDecay: 0 };
  for (const step of trainModel(model, set, strategySchema.parse(strategy))) if (step.step === 25) return model;
  throw new Error("Training ended before its last step.");
}

it("the base has ln 2 on held-out pairs and prefers none", () => {
  const { loss, accuracy } = evaluate(base);
  expect(loss).toBeCloseTo(Math.LN2, 12);
  expect(accuracy).toBe(0.5);
});

it.each([1, 2, 3])("25 steps with seed %i clearly beat the base on pairs of names that were never seen", (seed) => {
  const { loss, accuracy } = evaluate(train(seed));
  expect(loss).toBeLessThan(Math.LN2 - 0.1);
  expect(accuracy).toBeGreaterThan(0.65);
});
