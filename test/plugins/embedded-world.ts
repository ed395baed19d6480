import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLlama, initWeights, saveAdapter, saveModel } from "../../evaluators/embedded/engine/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
import { tinyConfig, writeTinyBase } from "../engine/tiny-base.ts";

const spec = instruct.spec.parse({});

const rendered = (rows: readonly (readonly [instruction: string, output: string])[]) =>
  rows.map(([instruction, output]) => `${JSON.stringify(instruct.render({ instruction, output }, spec))}\n`).join("");

/** Writes a tiny random base, two sets of rendered instruct rows and small submissions: full, lora, truncated, empty. */
export function writeEmbeddedWorld(folder: string): void {
  const base = join(folder, "base");
  writeTinyBase(base);
  writeFileSync(
    join(folder, "test.jsonl"),
    rendered([
      ["Say hello", "hello"],
      ["Count", "one two three"],
      ["x", "y"],
    ]),
  );
  writeFileSync(
    join(folder, "synth.jsonl"),
    rendered([
      ["Please say hello", "hello"],
      ["Please count", "one two three"],
    ]),
  );
  saveModel(join(folder, "full"), { config: tinyConfig, weights: initWeights(tinyConfig, 2) }, base);
  for (const copy of ["truncated", "empty"]) cpSync(join(folder, "full"), join(folder, copy), { recursive: true });
  const lora = { r: 2, alpha: 4, targets: ["q_proj", "down_proj"] as const };
  const { adapter } = createLlama(tinyConfig, initWeights(tinyConfig, 1), { lora, seed: 3 });
  if (adapter === undefined) throw new Error("no adapter was made");
  for (const { b } of adapter.values()) b.data.fill(0.05);
  saveAdapter(join(folder, "lora"), adapter, { ...lora, base: "demo/base" });
}
