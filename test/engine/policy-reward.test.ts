import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { initWeights, saveModel } from "../../evaluators/embedded/engine/index.ts";
import { startEvaluator } from "./evaluator-process.ts";
import { temporaryFolder, tinyConfig, writeTinyBase } from "./tiny-base.ts";

const session = temporaryFolder();
const at = (name: string): string => join(session.path, name);

const lengthReward =
  "const reward = ({ completions, params }) => completions.map((text) => Math.min(text.length, params.most));";
const asReward = (source: string, more: object = {}) => ({
  id: "test-reward",
  version: 3,
  weight: 1,
  range: { min: 0, max: 5 },
  params: { most: 5 },
  source,
  sha256: createHash("sha256").update(source).digest("hex"),
  ...more,
});
const options = (rewards: readonly object[]) => ({
  beta: 0.04,
  completions: 3,
  maxNewTokens: 5,
  temperature: 1,
  rewards,
});
const openBody = (rewards: readonly object[], more: object = {}) => ({
  base: { path: "base" },
  datasets: { test: "test.jsonl", synth: "synth.jsonl" },
  objective: { name: "policy-reward", options: options(rewards) },
  contextLength: 40,
  seed: "00ff",
  ...more,
});
const full = { path: "full", artifactKind: "FULL" } as const;

const score = { score: z.number(), reward: z.number(), kl: z.number(), rewards: z.array(z.number()) };
const completion = z.strictObject({ ids: z.array(z.number()), text: z.string(), rewards: z.array(z.number()) });
const setOf = <Row extends z.ZodType>(row: Row) =>
  z.strictObject({ rows: z.array(row), ...score, completions: z.string().length(64) });
const evaluation = z.object({ sets: z.record(z.string(), setOf(z.strictObject(score))) });
const withTokens = z.object({
  sets: z.record(
    z.string(),
    setOf(z.strictObject({ ...score, prompt: z.array(z.number()), completions: z.array(completion) })),
  ),
});

const rows = (prompts: readonly string[]): string =>
  prompts
    .map((text) => `${JSON.stringify({ prompt: [{ text, counts: false }], row: { prompt: text, answer: "ab" } })}\n`)
    .join("");

beforeAll(() => {
  writeTinyBase(at("base"));
  writeFileSync(at("test.jsonl"), rows(["Say hello: ", "Count", "x", "y"]));
  writeFileSync(at("synth.jsonl"), rows(["Please say hello: "]));
  saveModel(at("full"), { config: tinyConfig, weights: initWeights(tinyConfig, 2) }, at("base"));
  const broken = initWeights(tinyConfig, 2);
  broken.get("model.norm.weight")?.data.fill(NaN);
  saveModel(at("broken"), { config: tinyConfig, weights: broken }, at("base"));
});
afterAll(() => session[Symbol.dispose]());

describe("an evaluation", () => {
  it("samples, rewards and compares with the base, the same way every time", async () => {
    await using evaluator = startEvaluator(session.path);
    await evaluator.ask("open", openBody([asReward(lengthReward)]));
    const evaluate = async (fields: object) =>
      evaluation.parse((await evaluator.ask("evaluate", fields)).answer.result).sets;

    const base = await evaluate({ submission: null });
    expect(base["test"]?.rows.every(({ kl, score: own, reward }) => kl === 0 && own === reward)).toBe(true);
    const first = await evaluate({ submission: full });
    expect(first["test"]?.kl).toBeGreaterThan(1e-3);
    expect(first["test"]?.score).toBeCloseTo((first["test"]?.reward ?? NaN) - 0.04 * (first["test"]?.kl ?? NaN), 12);
    expect(first["test"]?.completions).not.toBe(base["test"]?.completions);
    expect(await evaluate({ submission: full })).toEqual(first);
    expect((await evaluate({ submission: full, sets: ["synth"] }))["synth"]).toEqual(first["synth"]);
  });

  it("shows its completions, and gives the same numbers when they are brought along", async () => {
    await using evaluator = startEvaluator(session.path);
    await evaluator.ask("open", openBody([asReward(lengthReward)]));
    const shown = withTokens.parse(
      (await evaluator.ask("evaluate", { submission: full, tokens: true })).answer.result,
    ).sets;
    const test = shown["test"];
    if (test === undefined) throw new Error("the set test is missing");
    const ids = test.rows.map((row) => row.completions.map((own) => own.ids));
    expect(test.completions).toBe(createHash("sha256").update(JSON.stringify(ids)).digest("hex"));
    for (const row of test.rows) {
      expect(row.prompt[0]).toBe(1);
      for (const own of row.completions) expect(own.rewards).toEqual([Math.min(own.text.length, 5) / 5]);
    }

    const given = { submission: full, sets: ["test"], completions: { test: ids } };
    const again = evaluation.parse((await evaluator.ask("evaluate", given)).answer.result).sets["test"];
    const scores = test.rows.map(({ score: own, reward, kl, rewards }) => ({ score: own, reward, kl, rewards }));
    expect(again).toEqual({ ...test, rows: scores });

    const others = { ...given, submission: null };
    const ofBase = evaluation.parse((await evaluator.ask("evaluate", others)).answer.result).sets["test"];
    expect(ofBase).toMatchObject({ completions: test.completions, reward: test.reward, kl: 0 });

    const tooFew = await evaluator.ask("evaluate", { ...given, completions: { test: ids.slice(1) } });
    expect(tooFew.answer).toMatchObject({ cause: "infrastructure", code: "BAD_REQUEST" });
    const unread = await evaluator.ask("evaluate", { ...given, sets: ["synth"] });
    expect(unread.answer).toMatchObject({ cause: "infrastructure", code: "BAD_REQUEST" });
  });

  it("blames a model that computes NaN", async () => {
    await using evaluator = startEvaluator(session.path);
    await evaluator.ask("open", openBody([asReward(lengthReward)]));
    const { answer } = await evaluator.ask("evaluate", { submission: { path: "broken", artifactKind: "FULL" } });
    expect(answer).toMatchObject({ cause: "submission", code: "NON_FINITE_LOSS" });
  });

  it("weighs several functions and scales each to its range", async () => {
    await using evaluator = startEvaluator(session.path);
    const half = asReward("const reward = ({ completions }) => completions.map(() => -1);", {
      weight: 0.25,
      range: { min: -2, max: 2 },
    });
    const whole = asReward("const reward = ({ completions }) => completions.map(() => 5);", { weight: 0.75 });
    await evaluator.ask("open", openBody([half, whole]));
    const { answer } = await evaluator.ask("evaluate", { submission: null, sets: ["test"] });
    expect(evaluation.parse(answer.result).sets["test"]).toMatchObject({
      rewards: [0.25, 1],
      reward: 0.25 * 0.25 + 0.75,
    });
  });
});

/** One program for all that does not open: a refused `open` may be tried again. */
const refusing = startEvaluator(session.path);
afterAll(() => refusing[Symbol.asyncDispose]());

describe("a reward function that fails", () => {
  it.each([
    ["by an endless loop", "function reward() { for (;;); }", "REWARD_TIMEOUT"],
    ["by a memory bomb", `function reward() { const a = []; for (;;) a.push("x".repeat(9999)); }`, "REWARD_MEMORY"],
    ["by an exception", `function reward({ row }) { throw new Error(row.answer) }`, "REWARD_THREW"],
    ["by NaN", "const reward = ({ completions }) => completions.map(() => NaN);", "REWARD_NOT_A_NUMBER"],
    ["by a wrong length", "const reward = () => [1];", "REWARD_WRONG_LENGTH"],
    ["by leaving its range", "const reward = ({ completions }) => completions.map(() => 6);", "REWARD_OUT_OF_RANGE"],
    ["to be JavaScript", "reward =", "REWARD_BROKEN"],
  ])("%s is the task's fault as soon as the rows are read", async (_, source, code) => {
    const { answer } = await refusing.ask("open", openBody([asReward(source)]));
    expect(answer).toMatchObject({ type: "error", cause: "task", code });
    expect(answer["message"]).toMatch(/^The reward function test-reward \(version 3\) .* row 1 of set test\.$/s);
  });

  it("on completions of a model only is the task's fault too, and never the model's", async () => {
    await using evaluator = startEvaluator(session.path);
    // Made-up completions come in another number than sampled ones.
    const source = `const reward = ({ completions }) => { if (completions.length === 3) throw Error("no"); return completions.map(() => 1); }`;
    expect((await evaluator.ask("open", openBody([asReward(source)]))).answer.type).toBe("result");
    const { answer } = await evaluator.ask("evaluate", { submission: full });
    expect(answer).toMatchObject({ cause: "task", code: "REWARD_THREW" });
    expect((await evaluator.ask("hello", { protocol: 1 })).answer.type).toBe("result");
  });
});

describe("options that can't be", () => {
  it.each([
    ["weights that do not sum to 1", [asReward(lengthReward, { weight: 0.5 })]],
    ["a source that was changed", [{ ...asReward(lengthReward), source: `${lengthReward} ` }]],
    ["an empty range", [asReward(lengthReward, { range: { min: 1, max: 1 } })]],
    ["no reward", []],
  ])("such as %s are refused", async (_, rewards) => {
    const { answer } = await refusing.ask("open", openBody(rewards));
    expect(answer).toMatchObject({ cause: "infrastructure", code: "BAD_REQUEST" });
  });
});
