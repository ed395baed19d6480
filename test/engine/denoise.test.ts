import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadDit } from "../../evaluators/embedded/diffusion/index.ts";
import { saveModel } from "../../evaluators/embedded/engine/index.ts";
import { startEvaluator } from "./evaluator-process.ts";
import { temporaryFolder } from "./tiny-base.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
const trainer = join(root, "evaluators", "embedded", "train.ts");
const base = join(root, "models", "gradients-demo", "tiny-dit");
const rows = readFileSync(join(root, "datasets", "emoji-smileys", "rows.jsonl"), "utf8")
  .trimEnd()
  .split("\n");
const [held, train] = [rows.filter((_, i) => i % 6 === 1), rows.filter((_, i) => i % 6 !== 1)];
/** A few of them, where the errors themselves are not the point. */
const few = held.slice(0, 4);

const session = temporaryFolder();
const at = (...parts: string[]): string => join(session.path, ...parts);
afterAll(() => session[Symbol.dispose]());

const options = { strengths: [0.9], seeds: 2, steps: 5, sideMultiple: 4, samples: 1 };
const objective = { name: "denoise", options };
const open = { base: { path: "base", names: ["demo/base"] }, datasets: { test: "test.jsonl" }, objective, seed: "0a" };

const errors = z.strictObject({ text: z.number(), noText: z.number() });
const set = errors.extend({
  rows: z.array(errors),
  strengths: z.array(errors.extend({ strength: z.number() })),
  samples: z.array(
    z.strictObject({ row: z.number(), original: z.string(), noisy: z.string(), text: z.string(), noText: z.string() }),
  ),
});
const evaluation = z.strictObject({ sets: z.strictObject({ test: set }), durationMs: z.number() });

/** What an evaluator process of its own answers for each of the submissions, in their order. */
async function evaluateAll(submissions: readonly ({ path: string; artifactKind: string } | null)[], request = open) {
  await using evaluator = startEvaluator(session.path);
  await evaluator.ask("open", request);
  const results: z.infer<typeof set>[] = [];
  for (const submission of submissions) {
    const { answer } = await evaluator.ask("evaluate", { submission });
    results.push(evaluation.parse(answer.result).sets.test);
  }
  return results;
}

const weighted = ({ text, noText }: z.infer<typeof errors>): number => 0.25 * text + 0.75 * noText;

/** Trains in a task folder of its own and returns where its model is. */
async function trainIn(name: string, strategy: object): Promise<string> {
  const folder = at(name);
  mkdirSync(join(folder, "data"), { recursive: true });
  writeFileSync(join(folder, "data", "train.jsonl"), train.map((line) => `${line}\n`).join(""));
  const task = { taskId: name, baseModel: { path: "../base", repo: "demo/base" }, objective };
  writeFileSync(join(folder, "task.json"), JSON.stringify(task));
  await run(process.execPath, [trainer, folder, "--strategy", JSON.stringify(strategy)]);
  return `${name}/model`;
}

const full = { method: "full", learningRate: 1e-3, batchSize: 8, steps: 24, warmup: 4, seed: 1 };
const lora = { method: "lora", rank: 4, alpha: 8, learningRate: 5e-3, batchSize: 8, steps: 20, warmup: 4, seed: 2 };

beforeAll(() => {
  cpSync(base, at("base"), { recursive: true });
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(at(name), lines.map((line) => `${line}\n`).join(""));
  write("test.jsonl", few);
  write(
    "held.jsonl",
    held.filter((_, i) => i % 2 === 0),
  );
});

describe("reconstruction from noise in an evaluator process", () => {
  it("gives the base the same errors every time, smaller with the caption than without", async () => {
    const [first, second] = await evaluateAll([null, null]);
    expect(second).toEqual(first);
    expect(first?.rows).toHaveLength(few.length);
    expect(first?.text).toBeLessThan(first?.noText ?? 0);
    expect(first?.strengths).toEqual([
      { strength: 0.9, text: expect.closeTo(first?.text ?? 0, 12), noText: expect.closeTo(first?.noText ?? 0, 12) },
    ]);
    expect(first?.samples.map(({ row }) => row)).toEqual([0]);
  });

  it("draws other noise for another task", async () => {
    const [one] = await evaluateAll([null]);
    const [other] = await evaluateAll([null], { ...open, seed: "0b" });
    expect(other?.text).not.toBe(one?.text);
  });

  it("reports progress by rows and opens with their number", async () => {
    await using evaluator = startEvaluator(session.path);
    const { answer } = await evaluator.ask("open", open);
    expect(answer.result).toEqual({ contextLength: 80, sets: { test: { rows: few.length } } });
    const { progress } = await evaluator.ask("evaluate", { submission: null });
    expect(progress.at(-1)).toMatchObject({ done: few.length, total: few.length });
  });

  it("says which row has an image that can't be used", async () => {
    writeFileSync(at("bad.jsonl"), `${held[0]}\n${JSON.stringify({ image: "AAAA", caption: "x" })}\n`);
    await using evaluator = startEvaluator(session.path);
    const { answer } = await evaluator.ask("open", { ...open, datasets: { test: "bad.jsonl" } });
    expect(answer).toMatchObject({ type: "error", cause: "infrastructure", code: "BAD_DATASET" });
    expect(answer["message"]).toContain("Row 2: the image can't be used: not a PNG");
  });

  it("refuses options that are not the objective's", async () => {
    await using evaluator = startEvaluator(session.path);
    const wrong = { name: "denoise", options: { ...options, strengths: [1.5] } };
    const { answer } = await evaluator.ask("open", { ...open, objective: wrong });
    expect(answer).toMatchObject({ type: "error", cause: "infrastructure", code: "BAD_REQUEST" });
  });

  it("blames a submission for another architecture, a missing tensor and numbers that are none", async () => {
    const { config, weights } = loadDit(base);
    saveModel(at("wider"), { config: { ...config, data_deviation: 0.5 }, weights }, base);
    const lacking = new Map(weights);
    lacking.delete("norm.weight");
    saveModel(at("lacking"), { config, weights: lacking }, base);
    const broken = new Map([
      ...weights,
      ["norm.weight", { shape: [96], data: new Float32Array(96).fill(NaN) }] as const,
    ]);
    saveModel(at("broken"), { config, weights: broken }, base);
    await using evaluator = startEvaluator(session.path);
    await evaluator.ask("open", open);
    for (const [path, code] of [
      ["wider", "WRONG_ARCHITECTURE"],
      ["lacking", "WRONG_ARCHITECTURE"],
      ["broken", "NON_FINITE_LOSS"],
    ]) {
      const { answer } = await evaluator.ask("evaluate", { submission: { path, artifactKind: "FULL" } });
      expect(answer).toMatchObject({ type: "error", cause: "submission", code });
    }
  });
});

describe("training on images", () => {
  it("lowers the error on held-out images, with all weights and with an adapter", async () => {
    const models = [
      null,
      { path: await trainIn("full", full), artifactKind: "FULL" },
      { path: await trainIn("lora", lora), artifactKind: "LORA" },
    ];
    const [baseErrors, fullErrors, loraErrors] = await evaluateAll(models, {
      ...open,
      datasets: { test: "held.jsonl" },
    });
    const before = weighted(baseErrors ?? { text: NaN, noText: NaN });
    expect(weighted(fullErrors ?? { text: NaN, noText: NaN })).toBeLessThan(0.9 * before);
    expect(weighted(loraErrors ?? { text: NaN, noText: NaN })).toBeLessThan(0.97 * before);
  }, 120_000);

  it("makes the same bytes from the same seed, and other ones from another", async () => {
    const digest = async (name: string, seed: number): Promise<string> => {
      const path = at(await trainIn(name, { ...lora, steps: 2, seed }), "adapter_model.safetensors");
      return createHash("sha256").update(readFileSync(path)).digest("hex");
    };
    const [first, again, other] = [await digest("a", 5), await digest("b", 5), await digest("c", 6)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  }, 60_000);

  it("leaves an adapter that names its base and claims no language model, which another base refuses", async () => {
    const path = await trainIn("named", { ...lora, steps: 1 });
    const config: unknown = JSON.parse(readFileSync(at(path, "adapter_config.json"), "utf8"));
    expect(config).toMatchObject({ peft_type: "LORA", task_type: null, base_model_name_or_path: "demo/base" });
    await using evaluator = startEvaluator(session.path);
    await evaluator.ask("open", { ...open, base: { path: "base", names: ["another/base"] } });
    const { answer } = await evaluator.ask("evaluate", { submission: { path, artifactKind: "LORA" } });
    expect(answer).toMatchObject({ cause: "submission", code: "WRONG_BASE" });
  }, 60_000);

  it("starts an adapter as the base: after no step it has the base's errors", async () => {
    const path = await trainIn("untrained", { ...lora, steps: 0 });
    const [own, adapted] = await evaluateAll([null, { path, artifactKind: "LORA" }]);
    expect(adapted?.text).toBe(own?.text);
  }, 60_000);
});
