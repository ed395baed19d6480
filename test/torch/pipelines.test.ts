import { execFile } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FinalAnswer, startEvaluatorProgram } from "../../src/core/contract/testing/evaluator-driver.ts";
import { image } from "../../src/plugins/image/index.ts";
import { temporaryFolder } from "../engine/tiny-base.ts";
import { describeWithTorch, python, torchEvaluator } from "./torch-program.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
const options = { strengths: [0.9], seeds: 2, steps: 3, sideMultiple: 8, samples: 1 };
const open = {
  datasets: { test: "test.jsonl" },
  objective: { name: "denoise", options },
  seed: "0a",
};

function outputOf(answer: FinalAnswer) {
  if (answer.type === "error") throw new Error(`${answer.code}: ${answer.message}`);
  return image.evalOutput.parse(answer.result);
}

/** Random weights of diffusers' own classes: what is asserted are properties, no quality. */
describeWithTorch("pipelines of diffusers in the evaluator in PyTorch", () => {
  const session = temporaryFolder();
  const at = (...parts: string[]): string => join(session.path, ...parts);

  beforeAll(async () => {
    await run(python, [join(import.meta.dirname, "make_tiny_pipelines.py"), session.path]);
    const rows = readFileSync(join(root, "datasets", "emoji-smileys", "rows.jsonl"), "utf8").split("\n");
    writeFileSync(at("test.jsonl"), `${rows.slice(0, 2).join("\n")}\n`);
  });
  afterAll(() => session[Symbol.dispose]());

  function startSession(family: string) {
    const evaluator = startEvaluatorProgram(torchEvaluator, session.path);
    let id = 0;
    const ask = (type: string, body: object) => evaluator.ask({ ...body, id: ++id, type });
    return {
      open: () => ask("open", { ...open, base: { path: `${family}/base`, names: ["demo/base"] } }),
      evaluate: (name: string | null, artifactKind = "LORA") =>
        ask("evaluate", { submission: name === null ? null : { path: `${family}/${name}`, artifactKind } }),
      [Symbol.asyncDispose]: () => evaluator[Symbol.asyncDispose](),
    };
  }

  it.each(["sdxl", "flux"])(
    "give %s finite errors that repeat, and leave nothing of a submission behind",
    async (family) => {
      await using evaluator = startSession(family);
      expect(await evaluator.open()).toMatchObject({ type: "result" });
      const base = outputOf(await evaluator.evaluate(null)).sets.test;
      const output = outputOf(await evaluator.evaluate("lora"));
      const lora = output.sets.test;
      const other = outputOf(await evaluator.evaluate("other")).sets.test;
      const full = outputOf(await evaluator.evaluate("full", "FULL")).sets.test;
      const again = outputOf(await evaluator.evaluate("lora")).sets.test;
      // An adapter that adds nothing runs on the base's own layers: they are as they were, bit by bit.
      const zero = outputOf(await evaluator.evaluate("zero")).sets.test;
      expect(again).toEqual(lora);
      expect(zero).toEqual(base);
      expect(new Set([base, lora, other, full].map(({ text }) => text)).size).toBe(4);
      expect(base.text).not.toBe(base.noText);
      expect(base.rows.every(({ text, noText }) => text > 0 && noText > 0)).toBe(true);
      expect(base.samples).toHaveLength(1);
      const { testLoss } = image.losses(output, image.spec.parse({}));
      expect(testLoss).toBeCloseTo(0.25 * lora.text + 0.75 * lora.noText, 12);
    },
  );

  it.each(["sdxl", "flux"])("refuse what does not fit %s, and go on", async (family) => {
    const config = at(family, "full", "config.json");
    const adapter = at(family, "broken");
    cpSync(at(family, "lora"), adapter, { recursive: true });
    const weights = readFileSync(join(adapter, "adapter_model.safetensors"));
    // The last number of the file becomes a NaN.
    weights.set([0, 0, 0xc0, 0x7f], weights.length - 4);
    writeFileSync(join(adapter, "adapter_model.safetensors"), weights);
    cpSync(at(family, "full"), at(family, "changed"), { recursive: true });
    const changed = { ...(JSON.parse(readFileSync(config, "utf8")) as object), in_channels: 32 };
    writeFileSync(at(family, "changed", "config.json"), JSON.stringify(changed));

    await using evaluator = startSession(family);
    await evaluator.open();
    expect(await evaluator.evaluate("broken")).toMatchObject({ cause: "submission", code: "NON_FINITE_LOSS" });
    expect(await evaluator.evaluate("changed", "FULL")).toMatchObject({ code: "WRONG_ARCHITECTURE" });
    expect(await evaluator.evaluate("missing")).toMatchObject({ cause: "submission", code: "MALFORMED_MODEL" });
    expect(await evaluator.evaluate("lora")).toMatchObject({ type: "result" });
  });

  it("load no part of a pipeline that diffusers does not bring along", async () => {
    cpSync(at("sdxl", "base"), at("foreign", "base"), { recursive: true });
    const index = at("foreign", "base", "model_index.json");
    const parts = { ...(JSON.parse(readFileSync(index, "utf8")) as object), unet: ["my_unet", "MyUnet"] };
    writeFileSync(index, JSON.stringify(parts));
    await using evaluator = startSession("foreign");
    expect(await evaluator.open()).toMatchObject({ cause: "infrastructure", code: "BAD_BASE" });
  });
});
