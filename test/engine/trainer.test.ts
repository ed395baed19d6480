import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadAdapter, loadModel, weightsDigest } from "../../evaluators/embedded/engine/index.ts";
import { temporaryFolder, tinyConfig, toJsonLines, writeTinyBase } from "./tiny-base.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "..", "..", "evaluators", "embedded", "train.ts");
const folder = temporaryFolder();

const progressSchema = z.strictObject({
  step: z.number().int(),
  steps: z.number().int(),
  loss: z.number(),
  etaSeconds: z.number().nonnegative(),
  tokens: z.number().int(),
});

const full = { method: "full", learningRate: 1e-2, batchSize: 4, schedule: "cosine", steps: 12, warmup: 2, seed: 1 };
const lora = { ...full, method: "lora", rank: 2, alpha: 4 };

/** A task folder of its own, and what the trainer printed. */
async function train(name: string, strategy: object) {
  const task = join(folder.path, name);
  mkdirSync(join(task, "data"), { recursive: true });
  writeTinyBase(join(task, "base"));
  writeFileSync(
    join(task, "task.json"),
    JSON.stringify({ taskId: name, baseModel: { path: "base", repo: "demo/base" } }),
  );
  const rows = Array.from({ length: 10 }, (_, i) => [`Twice ${i}: `, `${2 * i}`] as const);
  writeFileSync(join(task, "data", "train.jsonl"), toJsonLines(rows));
  const { stdout } = await run(process.execPath, [program, task, "--strategy", JSON.stringify(strategy)]);
  const lines = stdout.trim() === "" ? [] : stdout.trim().split("\n");
  const progress = lines.map((line) => progressSchema.parse(JSON.parse(line)));
  return { model: join(task, "model"), progress };
}

const digestOf = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

afterAll(() => folder[Symbol.dispose]());

describe("training a full model", () => {
  let trained: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    trained = await train("full", full);
  });

  it("leaves a Hugging Face folder", () => {
    expect(readdirSync(trained.model).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect(loadModel(trained.model).config).toEqual(tinyConfig);
  });

  it("reports every step up to the last, with a falling loss", () => {
    expect(trained.progress.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(trained.progress.at(-1)?.etaSeconds).toBe(0);
    expect(trained.progress.at(-1)?.loss).toBeLessThan(trained.progress[0]?.loss ?? 0);
  });

  it("gives the same bytes for the same seed and others for another seed", async () => {
    const again = await train("full-again", full);
    const other = await train("full-other", { ...full, seed: 2 });
    const digest = digestOf(join(trained.model, "model.safetensors"));
    expect(digestOf(join(again.model, "model.safetensors"))).toBe(digest);
    expect(digestOf(join(other.model, "model.safetensors"))).not.toBe(digest);
  });

  it("leaves the base's weights untouched when it may take no step", async () => {
    const { model, progress } = await train("untouched", { ...full, steps: 0 });
    expect(progress).toEqual([]);
    const base = loadModel(join(model, "..", "base")).weights;
    expect(weightsDigest(loadModel(model).weights)).toBe(weightsDigest(base));
  });
});

describe("training an adapter", () => {
  it("leaves a PEFT folder that names its base", async () => {
    const { model, progress } = await train("lora", lora);
    expect(readdirSync(model).sort()).toEqual(["adapter_config.json", "adapter_model.safetensors"]);
    const adapter = loadAdapter(model, { config: tinyConfig, names: ["demo/base"] });
    expect(adapter.scale).toBe(2);
    expect(adapter.weights.size).toBe(2 * 7 * tinyConfig.num_hidden_layers);
    expect(progress.at(-1)?.loss).toBeLessThan(progress[0]?.loss ?? 0);
  });
});

describe("a strategy", () => {
  it.each([
    ["without a method", { ...full, method: undefined }],
    ["with an unknown field", { ...full, seconds: 10 }],
    ["with a learning rate of zero", { ...full, learningRate: 0 }],
    ["for an adapter without a rank", { ...lora, rank: undefined }],
  ])("%s is refused before any step", async (_, strategy) => {
    await expect(train("refused", strategy)).rejects.toThrow(/ZodError/);
  });
});
