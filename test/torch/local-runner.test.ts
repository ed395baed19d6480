import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createTestHost } from "../../src/core/contract/testing/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
import { describeWithTorch, torchEvaluator } from "./torch-program.ts";

describeWithTorch("the local runner", () => {
  it("starts the evaluator in PyTorch by its command, and records its libraries", async () => {
    await using host = await createTestHost();
    const spec = instruct.spec.parse({});
    const test = join(host.dataFolder, "test.jsonl");
    const row = instruct.render({ instruction: "Translate to Spanish: Germany", output: "Alemania" }, spec);
    writeFileSync(test, JSON.stringify(row));

    const runner = localRunner.create(localRunner.options.parse({ command: torchEvaluator }), host);
    const { signal } = new AbortController();
    await using session = await runner.open(
      {
        taskId: "torch",
        basePath: join(import.meta.dirname, "..", "..", "models", "gradients-demo", "tiny-llama"),
        sets: { test },
        objective: { name: "token-cross-entropy", options: {} },
        contextLength: 128,
        seed: "00",
        carriesCode: false,
        device: null,
      },
      signal,
    );
    const outcome = await session.run({ submission: null }, { timeoutMs: 60_000, signal });
    expect(session.record).toMatchObject({ runner: "local", evaluator: "torch", image: null });
    expect(Object.keys(session.record.libraries)).toEqual(expect.arrayContaining(["torch", "transformers", "peft"]));
    if (outcome.status !== "completed") throw new Error(outcome.message);
    const { testLoss } = instruct.losses(instruct.evalOutput.parse(outcome.output), spec);
    expect(testLoss).toBeCloseTo(5.31, 2);
  });
});
