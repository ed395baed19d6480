import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { decode } from "fast-png";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FinalAnswer } from "../../src/core/contract/testing/evaluator-driver.ts";
import { imageOutput, type ImageOutput } from "../../src/plugins/image/eval-output.ts";
import { temporaryFolder } from "../engine/tiny-base.ts";
import { largestDifference } from "./numbers.ts";
import { picturesOfEveryKind } from "./picture-rows.ts";
import { startBoth } from "./programs.ts";
import { describeWithTorch } from "./torch-program.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
/** Of single precision, and of two orders of summation. */
const TOLERANCE = 1e-5;

const objective = {
  name: "denoise",
  options: { strengths: [0.5, 0.9], seeds: 2, steps: 3, sideMultiple: 4, samples: 3 },
};
const baseModel = { path: "base", names: ["gradients-demo/tiny-dit"] };
const models = {
  base: null,
  lora: { path: "lora/model", artifactKind: "LORA" },
  full: { path: "full/model", artifactKind: "FULL" },
};

const rows = readFileSync(join(root, "datasets", "emoji-smileys", "rows.jsonl"), "utf8")
  .trimEnd()
  .split("\n");
const toLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

function outputOf(answer: FinalAnswer): ImageOutput["sets"]["test"] {
  if (answer.type === "error") throw new Error(`${answer.code}: ${answer.message}`);
  return imageOutput.parse(answer.result).sets.test;
}

const pixels = (png: string): Uint8Array => Uint8Array.from(decode(Buffer.from(png, "base64")).data);

function largestPixelDifference(own: string, reference: string): number {
  const [a, b] = [pixels(own), pixels(reference)];
  expect(a).toHaveLength(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

describeWithTorch("PyTorch and the embedded engine, on the demo's diffusion transformer", () => {
  const session = temporaryFolder();
  const at = (...parts: string[]): string => join(session.path, ...parts);

  async function train(name: string, strategy: object): Promise<void> {
    mkdirSync(at(name, "data"), { recursive: true });
    writeFileSync(at(name, "data", "train.jsonl"), toLines(rows.slice(100, 160)));
    const base = { path: "../base", repo: "gradients-demo/tiny-dit" };
    writeFileSync(at(name, "task.json"), JSON.stringify({ taskId: name, baseModel: base, objective }));
    const trainer = join(root, "evaluators", "embedded", "train.ts");
    await run(process.execPath, [
      trainer,
      at(name),
      "--strategy",
      JSON.stringify({ ...strategy, batchSize: 4, steps: 6 }),
    ]);
  }

  beforeAll(async () => {
    cpSync(join(root, "models", "gradients-demo", "tiny-dit"), at("base"), { recursive: true });
    writeFileSync(at("test.jsonl"), toLines(rows.slice(0, 8)));
    writeFileSync(at("kinds.jsonl"), toLines(picturesOfEveryKind.map((row) => JSON.stringify(row))));
    await train("lora", { method: "lora", rank: 4, alpha: 8, learningRate: 1e-2, seed: 1 });
    await train("full", { method: "full", learningRate: 1e-3, seed: 2 });
  });
  afterAll(() => session[Symbol.dispose]());

  it.each([
    { test: "test.jsonl", submitted: models },
    { test: "kinds.jsonl", submitted: { base: null } },
  ])("draw the same noise, read the same pictures and give the same errors: $test", async ({ test, submitted }) => {
    await using both = startBoth(session.path);
    const opened = await both.ask("open", { base: baseModel, datasets: { test }, objective, seed: "00ff" });
    expect(opened.torch).toMatchObject({ type: "result" });
    expect(opened.torch).toEqual(opened.embedded);
    for (const submission of Object.values(submitted)) {
      const { embedded, torch } = await both.ask("evaluate", { submission });
      const { samples: own, ...errors } = outputOf(torch);
      const { samples: reference, ...expected } = outputOf(embedded);
      expect(largestDifference(errors, expected)).toBeLessThan(TOLERANCE);
      expect(own.map(({ row }) => row)).toEqual(reference.map(({ row }) => row));
      for (const [i, sample] of own.entries()) {
        const same = reference[i];
        if (same === undefined) throw new Error("a sample is missing");
        expect(largestPixelDifference(sample.original, same.original)).toBe(0);
        // A value next to the middle of two levels may fall to either side.
        for (const name of ["noisy", "text", "noText"] as const)
          expect(largestPixelDifference(sample[name], same[name])).toBeLessThanOrEqual(1);
      }
    }
  });

  it("refuse the same models and rows with the same words", async () => {
    const other = JSON.parse(readFileSync(at("base", "config.json"), "utf8")) as object;
    mkdirSync(at("wrong"));
    cpSync(at("base", "model.safetensors"), at("wrong", "model.safetensors"));
    writeFileSync(at("wrong", "config.json"), JSON.stringify({ ...other, num_attention_heads: 6 }));
    await using both = startBoth(session.path);
    await both.ask("open", { base: { ...baseModel, names: ["another"] }, datasets: { test: "test.jsonl" }, objective });
    const asked = [models.lora, { path: "wrong", artifactKind: "FULL" }, { path: "lora", artifactKind: "LORA" }];
    const found = [];
    for (const submission of asked) found.push(await both.ask("evaluate", { submission }));
    for (const { embedded, torch } of found) expect(torch).toEqual(embedded);
    expect(found.map(({ torch }) => torch)).toMatchObject([
      { cause: "submission", code: "WRONG_BASE" },
      { cause: "submission", code: "WRONG_ARCHITECTURE" },
      { cause: "submission", code: "MALFORMED_MODEL" },
    ]);
  });
});
