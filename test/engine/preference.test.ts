import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createLlama, initWeights, saveAdapter, saveModel } from "../../evaluators/embedded/engine/index.ts";
import { startEvaluator } from "./evaluator-process.ts";
import { temporaryFolder, tinyConfig, writeTinyBase } from "./tiny-base.ts";

const run = promisify(execFile);
const trainer = join(import.meta.dirname, "..", "..", "evaluators", "embedded", "train.ts");
const session = temporaryFolder();
const at = (...parts: string[]): string => join(session.path, ...parts);
afterAll(() => session[Symbol.dispose]());

const objective = { name: "preference", options: { beta: 0.1, maxLength: 40, maxPromptLength: 16 } };
const toLines = (rows: readonly (readonly [prompt: string, chosen: string, rejected: string])[]): string =>
  rows
    .map(([prompt, chosen, rejected]) =>
      JSON.stringify({
        prompt: [{ text: prompt, counts: false }],
        chosen: [{ text: chosen, counts: true }],
        rejected: [{ text: rejected, counts: true }],
      }),
    )
    .map((line) => `${line}\n`)
    .join("");
const testLines = toLines([
  ["Say yes: ", "yes", "no"],
  ["Count: ", "one two three", "three one"],
  ["x", "y", "z"],
]);
const synthLines = toLines([["Please say yes: ", "yes", "no"]]);

const set = z.strictObject({
  rows: z.array(z.strictObject({ loss: z.number(), chosenReward: z.number(), rejectedReward: z.number() })),
  loss: z.number(),
  accuracy: z.number(),
  margin: z.number(),
});
const evaluation = z.strictObject({ sets: z.strictObject({ test: set, synth: set }), durationMs: z.number() });
const open = { base: { path: "base" }, datasets: { test: "test.jsonl", synth: "synth.jsonl" }, objective };

/** What an evaluator process of its own answers for each of the submissions, in their order. */
async function evaluateAll(submissions: readonly ({ path: string; artifactKind: string } | null)[]) {
  await using evaluator = startEvaluator(session.path);
  await evaluator.ask("open", open);
  const results: z.infer<typeof evaluation>["sets"][] = [];
  for (const submission of submissions) {
    const { answer } = await evaluator.ask("evaluate", { submission });
    results.push(evaluation.parse(answer.result).sets);
  }
  return results;
}

const full = { path: "full", artifactKind: "FULL" };
const lora = { path: "lora", artifactKind: "LORA" };

beforeAll(() => {
  writeTinyBase(at("base"));
  writeFileSync(at("test.jsonl"), testLines);
  writeFileSync(at("synth.jsonl"), synthLines);
  saveModel(at("full"), { config: tinyConfig, weights: initWeights(tinyConfig, 2) }, at("base"));
  const options = { r: 2, alpha: 4, targets: ["q_proj", "down_proj"] as const };
  const model = createLlama(tinyConfig, initWeights(tinyConfig, 1), { lora: options, seed: 3 });
  if (model.adapter === undefined) throw new Error("No adapter was made.");
  saveAdapter(at("zero-lora"), model.adapter, { ...options, base: "demo/base" });
  for (const { b } of model.adapter.values()) b.data.fill(0.05);
  saveAdapter(at("lora"), model.adapter, { ...options, base: "demo/base" });
});

describe("evaluating preferences", () => {
  it("gives the base, and an adapter that changes nothing, ln 2 for every pair", async () => {
    for (const sets of await evaluateAll([null, { path: "zero-lora", artifactKind: "LORA" }])) {
      expect(sets.test.rows.map(({ loss }) => loss)).toEqual([Math.LN2, Math.LN2, Math.LN2]);
      expect(sets.test).toMatchObject({ accuracy: 0.5, margin: 0 });
      expect(sets.test.loss).toBeCloseTo(Math.LN2, 14);
    }
  });

  it("compares every submission with the same base, whichever comes first", async () => {
    const [base, first, second] = await evaluateAll([null, full, lora]);
    const [secondAlone, firstAfter, baseAfter] = await evaluateAll([lora, full, null]);
    expect([baseAfter, firstAfter, secondAlone]).toEqual([base, first, second]);
    expect(first?.test.loss).not.toBe(base?.test.loss);
    expect(second?.test.loss).not.toBe(first?.test.loss);
  });

  it("sums up its rows", async () => {
    const [sets] = await evaluateAll([full]);
    const rows = sets?.test.rows ?? [];
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / rows.length;
    const margins = rows.map(({ chosenReward, rejectedReward }) => chosenReward - rejectedReward);
    expect(rows).toHaveLength(3);
    expect(sets?.test.loss).toBe(mean(rows.map(({ loss }) => loss)));
    expect(sets?.test.margin).toBeCloseTo(mean(margins), 14);
    expect(sets?.test.accuracy).toBe(mean(margins.map((margin) => (margin > 0 ? 1 : 0))));
  });

  it("reports pairs done, and each pair's tokens when asked to", async () => {
    await using evaluator = startEvaluator(session.path);
    await evaluator.ask("open", open);
    const { progress, answer } = await evaluator.ask("evaluate", { submission: null, sets: ["test"], tokens: true });
    expect(progress.at(-1)).toMatchObject({ done: 3, total: 3 });
    const ascii = (text: string): number[] => [...Buffer.from(text)].map((byte) => byte + 3);
    expect(answer.result).toHaveProperty("sets.test.rows.2.chosen.ids", [1, ...ascii("xy"), 2]);
    expect(answer.result).toHaveProperty("sets.test.rows.2.rejected.counts", [false, false, true, true]);
  });

  it.each([
    ["options that it does not know", "BAD_REQUEST", { ...open, objective: { ...objective, options: { beta: 0.1 } } }],
    ["rows of another objective", "BAD_DATASET", { ...open, datasets: { test: "segments.jsonl" } }],
    ["a completion without a counted token", "BAD_DATASET", { ...open, datasets: { test: "uncounted.jsonl" } }],
    ["a prompt that counts", "BAD_DATASET", { ...open, datasets: { test: "counting.jsonl" } }],
  ])("blames the infrastructure for %s", async (_, code, request) => {
    writeFileSync(at("segments.jsonl"), `${JSON.stringify({ segments: [{ text: "a", counts: true }] })}\n`);
    writeFileSync(at("counting.jsonl"), testLines.replace('"counts":false', '"counts":true'));
    // A prompt that takes the whole context but half, and a completion whose counted part lies behind it.
    const cut = {
      prompt: [],
      chosen: [{ text: "c".repeat(60), counts: false }],
      rejected: [{ text: "r", counts: true }],
    };
    writeFileSync(at("uncounted.jsonl"), `${JSON.stringify(cut)}\n`);
    await using evaluator = startEvaluator(session.path);
    const { answer } = await evaluator.ask("open", request);
    expect(answer).toMatchObject({ type: "error", cause: "infrastructure", code });
  });
});

describe("training on preferences", () => {
  const strategy = { learningRate: 1e-2, batchSize: 2, schedule: "constant", steps: 8, seed: 1, weightDecay: 0 };

  async function train(name: string, method: object) {
    const task = at(name);
    mkdirSync(join(task, "data"), { recursive: true });
    const description = { taskId: name, baseModel: { path: "../base", repo: "demo/base" }, objective };
    writeFileSync(join(task, "task.json"), JSON.stringify(description));
    writeFileSync(join(task, "data", "train.jsonl"), testLines);
    const given = JSON.stringify({ ...strategy, ...method });
    const { stdout } = await run(process.execPath, [trainer, task, "--strategy", given]);
    const losses = stdout
      .trim()
      .split("\n")
      .map((line) => z.object({ loss: z.number() }).parse(JSON.parse(line)).loss);
    return { losses, model: join(task, "model") };
  }
  const digestOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

  // The random base's output layer is so small that an adapter, which leaves it alone, can't get far.
  it.each([
    ["all weights", "FULL", { method: "full" }, "model.safetensors"],
    [
      "an adapter",
      "LORA",
      { method: "lora", rank: 4, alpha: 32, learningRate: 5e-2, steps: 40 },
      "adapter_model.safetensors",
    ],
  ])("of %s starts at ln 2, falls, and gives the same bytes again", async (_, artifactKind, method, file) => {
    const { losses, model } = await train(`${artifactKind}-1`, method);
    const again = await train(`${artifactKind}-2`, method);
    expect(losses[0]).toBeCloseTo(Math.LN2, 12);
    expect(losses.at(-1)).toBeLessThan(0.68);
    expect(again.losses).toEqual(losses);
    expect(digestOf(join(again.model, file))).toBe(digestOf(join(model, file)));

    const [sets] = await evaluateAll([{ path: `${artifactKind}-1/model`, artifactKind }]);
    expect(sets?.test.loss).toBeLessThan(0.68);
    expect(sets?.test.accuracy).toBe(1);
  });
});
