import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testEvaluator } from "../../src/core/contract/testing/index.ts";
import { dpo } from "../../src/plugins/dpo/index.ts";
import { grpo } from "../../src/plugins/grpo/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
import { writeEmbeddedWorld } from "../plugins/embedded-world.ts";
import { describeWithTorch, torchEvaluator } from "./torch-program.ts";

const facts = { taskId: "conformance", parameterCount: 0, contextLength: 40, rows: 3, baseConfig: {} };
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const dpoSpec = dpo.spec.parse({});
const pairs = [
  { prompt: "Say yes", chosen: "yes", rejected: "no" },
  { prompt: "Count", chosen: "one two three", rejected: "three" },
];
const grpoSpec = grpo.spec.parse({ maxNewTokens: 4, rewards: [{ id: "exact-answer", params: { column: "answer" } }] });
const sums = [
  { prompt: "1+1=", answer: "2" },
  { prompt: "10+1=", answer: "11" },
];

const kinds = [
  { result: instruct.evalOutput, objective: instruct.objective(instruct.spec.parse({}), facts), rows: undefined },
  {
    result: dpo.evalOutput,
    objective: dpo.objective(dpoSpec, facts),
    rows: lines(pairs.map((row) => dpo.render(row, dpoSpec))),
  },
  {
    result: grpo.evalOutput,
    objective: grpo.objective(grpoSpec, facts),
    rows: lines(sums.map((row) => grpo.render(row, grpoSpec))),
  },
];

describeWithTorch("the evaluator in PyTorch", () => {
  for (const { result, objective, rows } of kinds) {
    testEvaluator(`torch, ${objective.name}`, torchEvaluator, {
      result,
      arrange(folder) {
        writeEmbeddedWorld(folder);
        const truncated = readFileSync(join(folder, "full", "model.safetensors")).subarray(0, 100);
        writeFileSync(join(folder, "truncated", "model.safetensors"), truncated);
        rmSync(join(folder, "empty"), { recursive: true });
        mkdirSync(join(folder, "empty"));
        for (const set of rows === undefined ? [] : ["test", "synth"])
          writeFileSync(join(folder, `${set}.jsonl`), rows ?? "");
        return {
          base: { path: "base" },
          datasets: { test: "test.jsonl", synth: "synth.jsonl" },
          objective,
          contextLength: 40,
          seed: "00ff",
          good: { path: "lora", artifactKind: "LORA" },
          bad: [
            { path: "truncated", artifactKind: "FULL", code: "MALFORMED_MODEL" },
            { path: "empty", artifactKind: "FULL", code: "MALFORMED_MODEL" },
            { path: "nowhere", artifactKind: "LORA", code: "MALFORMED_MODEL" },
            { path: "full", artifactKind: "LORA", code: "MALFORMED_MODEL" },
          ],
        };
      },
    });
  }
});
