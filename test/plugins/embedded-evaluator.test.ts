import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testEvaluator } from "../../src/core/contract/testing/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
import { writeEmbeddedWorld } from "./embedded-world.ts";

const program = join(import.meta.dirname, "..", "..", "evaluators", "embedded", "main.ts");

testEvaluator("embedded", [process.execPath, program], {
  result: instruct.evalOutput,
  arrange(folder) {
    writeEmbeddedWorld(folder);
    const truncated = readFileSync(join(folder, "full", "model.safetensors")).subarray(0, 100);
    writeFileSync(join(folder, "truncated", "model.safetensors"), truncated);
    rmSync(join(folder, "empty"), { recursive: true });
    return {
      base: { path: "base" },
      datasets: { test: "test.jsonl", synth: "synth.jsonl" },
      objective: { name: "token-cross-entropy", options: {} },
      contextLength: 40,
      seed: "00ff",
      good: { path: "lora", artifactKind: "LORA" },
      bad: [
        { path: "truncated", artifactKind: "FULL", code: "MALFORMED_MODEL" },
        { path: "empty", artifactKind: "FULL", code: "MALFORMED_MODEL" },
        { path: "full", artifactKind: "LORA", code: "MALFORMED_MODEL" },
      ],
    };
  },
});
