import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  createLlama,
  initWeights,
  readSafetensors,
  saveAdapter,
  saveModel,
  writeSafetensors,
} from "../../evaluators/embedded/engine/index.ts";
import { type ReceivedAnswer, startEvaluator } from "./evaluator-process.ts";
import { temporaryFolder, tinyConfig, toJsonLines, writeTinyBase } from "./tiny-base.ts";

const session = temporaryFolder();
const at = (...parts: string[]): string => join(session.path, ...parts);
const evaluator = startEvaluator(session.path);

const setResult = z.strictObject({
  rows: z.array(z.strictObject({ loss: z.number(), tokens: z.number() })),
  loss: z.number(),
  tokenLoss: z.number(),
});
const evaluation = z.strictObject({
  sets: z.strictObject({ test: setResult, synth: setResult }),
  durationMs: z.number().int().nonnegative(),
});

const testRows: readonly (readonly [string, string])[] = [
  ["Say hello: ", "hello"],
  ["Count: ", "one two three"],
  ["x", "y"],
];

let opened: ReceivedAnswer | undefined;

async function evaluate(submission: { path: string; artifactKind: string } | null) {
  const { answer } = await evaluator.ask("evaluate", { submission });
  return answer;
}

beforeAll(async () => {
  writeTinyBase(at("base"));
  writeFileSync(at("test.jsonl"), toJsonLines(testRows));
  writeFileSync(at("synth.jsonl"), toJsonLines([["Please say hello: ", "hello"]]));
  saveModel(at("full"), { config: tinyConfig, weights: initWeights(tinyConfig, 2) }, at("base"));
  const lora = { r: 2, alpha: 4, targets: ["q_proj", "down_proj"] as const };
  const model = createLlama(tinyConfig, initWeights(tinyConfig, 1), { lora, seed: 3 });
  if (model.adapter === undefined) throw new Error("No adapter was made.");
  saveAdapter(at("zero-lora"), model.adapter, { ...lora, base: "demo/base" });
  for (const { b } of model.adapter.values()) b.data.fill(0.05);
  saveAdapter(at("lora"), model.adapter, { ...lora, base: "demo/base" });
  opened = (
    await evaluator.ask("open", {
      base: { path: "base", names: ["demo/base"] },
      datasets: { test: "test.jsonl", synth: "synth.jsonl" },
      objective: { name: "token-cross-entropy", options: {} },
      contextLength: 40,
      seed: "00ff",
    })
  ).answer;
});

afterAll(async () => {
  await evaluator[Symbol.asyncDispose]();
  session[Symbol.dispose]();
});

/** Copies the full submission and lets the test spoil it. */
function spoiled(name: string, spoil: (folder: string) => void, from = "full"): string {
  cpSync(at(from), at(name), { recursive: true });
  spoil(at(name));
  return name;
}

describe("a session", () => {
  it("opens with the smaller of the asked and the base's context length", () => {
    expect(opened).toMatchObject({ type: "result", result: { contextLength: 40, sets: { test: { rows: 3 } } } });
  });

  it("says who it is", async () => {
    const { answer } = await evaluator.ask("hello", { protocol: 1 });
    expect(answer.result).toMatchObject({
      protocol: 1,
      objectives: expect.arrayContaining(["token-cross-entropy", "preference"]),
    });
  });

  it("evaluates the base, full models and adapters, each from the same base", async () => {
    const base = evaluation.parse((await evaluate(null)).result);
    const full = evaluation.parse((await evaluate({ path: "full", artifactKind: "FULL" })).result);
    const zero = evaluation.parse((await evaluate({ path: "zero-lora", artifactKind: "LORA" })).result);
    const lora = evaluation.parse((await evaluate({ path: "lora", artifactKind: "LORA" })).result);
    const again = evaluation.parse((await evaluate(null)).result);
    expect(zero.sets).toEqual(base.sets);
    expect(again.sets).toEqual(base.sets);
    expect(full.sets.test.loss).not.toBe(base.sets.test.loss);
    expect(lora.sets.test.loss).not.toBe(base.sets.test.loss);
  });

  it("counts completion tokens and EOS, and averages rows and tokens", async () => {
    const { test } = evaluation.parse((await evaluate(null)).result).sets;
    expect(test.rows.map(({ tokens }) => tokens)).toEqual([6, 14, 2]);
    const mean = test.rows.reduce((sum, { loss }) => sum + loss, 0) / 3;
    const byTokens = test.rows.reduce((sum, { loss, tokens }) => sum + loss * tokens, 0) / 22;
    expect(test.loss).toBeCloseTo(mean, 12);
    expect(test.tokenLoss).toBeCloseTo(byTokens, 12);
  });

  it("reports progress up to the number of rows and can evaluate one set alone", async () => {
    const { progress, answer } = await evaluator.ask("evaluate", { submission: null, sets: ["synth"] });
    expect(progress.at(-1)).toMatchObject({ done: 1, total: 1 });
    expect(answer.result).toMatchObject({ sets: { synth: { rows: [{ tokens: 6 }] } } });
    expect(answer.result).not.toHaveProperty("sets.test");
  });

  it("names each row's token ids and which of them count when asked to", async () => {
    const { answer } = await evaluator.ask("evaluate", { submission: null, sets: ["test"], tokens: true });
    const ascii = (text: string): number[] => [...Buffer.from(text)].map((byte) => byte + 3);
    expect(answer.result).toHaveProperty("sets.test.rows.2.ids", [1, ...ascii("xy"), 2]);
    expect(answer.result).toHaveProperty("sets.test.rows.2.counts", [false, false, true, true]);
  });
});

describe("a bad submission", () => {
  it.each([
    [
      "an adapter for another base",
      "WRONG_BASE",
      () =>
        spoiled(
          "other-base",
          (folder) => editJson(folder, "adapter_config.json", { base_model_name_or_path: "demo/other" }),
          "lora",
        ),
      "LORA",
    ],
    [
      "a rank that the tensors do not have",
      "WRONG_ARCHITECTURE",
      () => spoiled("other-rank", (folder) => editJson(folder, "adapter_config.json", { r: 3 }), "lora"),
      "LORA",
    ],
    [
      "weight decomposition",
      "WRONG_ARCHITECTURE",
      () => spoiled("dora", (folder) => editJson(folder, "adapter_config.json", { use_dora: true }), "lora"),
      "LORA",
    ],
    [
      "an A without its B",
      "MALFORMED_MODEL",
      () => spoiled("half", (folder) => dropTensor(join(folder, "adapter_model.safetensors"), "lora_B"), "lora"),
      "LORA",
    ],
    [
      "another number of layers",
      "WRONG_ARCHITECTURE",
      () => spoiled("deeper", (folder) => editJson(folder, "config.json", { num_hidden_layers: 3 })),
      "FULL",
    ],
    [
      "a missing tensor",
      "WRONG_ARCHITECTURE",
      () => spoiled("missing", (folder) => dropTensor(join(folder, "model.safetensors"), "norm")),
      "FULL",
    ],
    [
      "no safetensors file",
      "MALFORMED_MODEL",
      () => spoiled("garbage", (folder) => writeFileSync(join(folder, "model.safetensors"), "not a model")),
      "FULL",
    ],
    ["a missing folder", "MALFORMED_MODEL", () => "nowhere", "FULL"],
    [
      "weights that are not finite",
      "NON_FINITE_LOSS",
      () => spoiled("nan", (folder) => fillTensor(join(folder, "model.safetensors"), NaN)),
      "FULL",
    ],
  ])("with %s is refused with %s and harms nobody else", async (_, code, make, artifactKind) => {
    expect(await evaluate({ path: make(), artifactKind })).toMatchObject({ type: "error", cause: "submission", code });
    expect((await evaluate({ path: "full", artifactKind: "FULL" })).type).toBe("result");
  });

  it.each(["/etc", "../base", "full/../../base", "C:\\models", ""])("at %j is outside the session", async (path) => {
    const answer = await evaluate({ path, artifactKind: "FULL" });
    expect(answer).toMatchObject({ type: "error", cause: "infrastructure", code: "BAD_PATH" });
  });
});

describe("a bad request", () => {
  it.each([
    ["with an unknown field", "evaluate", { submission: null, extra: 1 }],
    ["of an unknown type", "dance", {}],
    ["for a set that was not opened", "evaluate", { submission: null, sets: ["train"] }],
    [
      "that opens a second session",
      "open",
      { base: { path: "base" }, datasets: {}, objective: { name: "token-cross-entropy" } },
    ],
    ["of another protocol version", "hello", { protocol: 2 }],
  ])("%s gets BAD_REQUEST with its id", async (_, type, fields) => {
    const { answer, id } = await evaluator.ask(type, fields);
    expect(answer).toMatchObject({ id, type: "error", cause: "infrastructure", code: "BAD_REQUEST" });
  });

  it("that is not JSON gets BAD_REQUEST without an id", async () => {
    evaluator.write("hello?\n");
    expect(await evaluator.receive()).toMatchObject({ id: null, type: "error", code: "BAD_REQUEST" });
  });
});

describe("an evaluator process", () => {
  const start = () => startEvaluator(session.path);
  const openRequest = (fields: object) => ({
    base: { path: "base" },
    datasets: { test: "test.jsonl" },
    objective: { name: "token-cross-entropy" },
    ...fields,
  });

  it("ends when its input ends", async () => {
    await using process = start();
    process.end();
    expect(await process.exited).toEqual([0, null]);
  });

  it("ends after close", async () => {
    await using process = start();
    expect((await process.ask("close")).answer.type).toBe("result");
    expect(await process.exited).toEqual([0, null]);
  });

  it("gives every answer before it ends, a long one that was asked for together with the end too", async () => {
    writeFileSync(at("many.jsonl"), toJsonLines(Array.from({ length: 4000 }, () => ["x".repeat(60), "y"] as const)));
    await using process = start();
    const requests = [
      { id: 1, type: "open", ...openRequest({ datasets: { test: "many.jsonl" } }) },
      { id: 2, type: "evaluate", submission: null, tokens: true },
      { id: 3, type: "close" },
    ];
    process.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
    const answers: ReceivedAnswer[] = [];
    while (answers.length < requests.length) {
      const answer = await process.receive();
      if (answer.type !== "progress") answers.push(answer);
    }
    expect(answers.map(({ id, type }) => [id, type])).toEqual([1, 2, 3].map((id) => [id, "result"]));
    expect(await process.exited).toEqual([0, null]);
  });

  it("ends with an error when a line is too long", async () => {
    await using process = start();
    process.write(" ".repeat(1024 * 1024 + 1));
    expect(await process.receive()).toMatchObject({ id: null, type: "error", code: "BAD_REQUEST" });
    expect(await process.exited).toEqual([1, null]);
  });

  it.each([
    ["an unknown objective", "UNKNOWN_OBJECTIVE", { objective: { name: "guess" } }],
    ["a base that is no model", "BAD_BASE", { base: { path: "nowhere" } }],
    ["a missing set", "BAD_DATASET", { datasets: { test: "nowhere.jsonl" } }],
    ["a row without segments", "BAD_DATASET", { datasets: { test: "base/config.json" } }],
    ["a path that leaves the folder", "BAD_PATH", { datasets: { test: "../test.jsonl" } }],
  ])("blames the infrastructure for %s", async (_, code, fields) => {
    await using process = start();
    const { answer } = await process.ask("open", openRequest(fields));
    expect(answer).toMatchObject({ type: "error", cause: "infrastructure", code });
  });

  it("blames the infrastructure when the base itself has no finite loss", async () => {
    spoiled("nan-base", (folder) => fillTensor(join(folder, "model.safetensors"), Infinity), "base");
    await using process = start();
    await process.ask("open", openRequest({ base: { path: "nan-base" } }));
    const { answer } = await process.ask("evaluate", { submission: null });
    expect(answer).toMatchObject({ type: "error", cause: "infrastructure", code: "BAD_BASE" });
  });
});

function editJson(folder: string, name: string, patch: object): void {
  const path = join(folder, name);
  const json: unknown = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...z.record(z.string(), z.unknown()).parse(json), ...patch }));
}

function dropTensor(path: string, part: string): void {
  const weights = readSafetensors(path);
  const victim = [...weights.keys()].find((name) => name.includes(part));
  if (victim === undefined) throw new Error(`No tensor ${part} in ${path}.`);
  weights.delete(victim);
  writeSafetensors(path, weights);
}

function fillTensor(path: string, value: number): void {
  const weights = readSafetensors(path);
  weights.get("model.layers.0.mlp.up_proj.weight")?.data.fill(value);
  writeSafetensors(path, weights);
}
