import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { EvalRunner, SessionNeeds } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { grpo } from "../../src/plugins/grpo/index.ts";
import { image as imageTasks } from "../../src/plugins/image/index.ts";

const root = join(import.meta.dirname, "..", "..");
const never = new AbortController().signal;

const rowsOf = (dataset: string, count: number): readonly Record<string, string>[] =>
  readFileSync(join(root, "datasets", dataset, "rows.jsonl"), "utf8")
    .split("\n")
    .slice(0, count)
    .map((line) => z.record(z.string(), z.string()).parse(JSON.parse(line)));

const grpoSpec = grpo.spec.parse({
  maxNewTokens: 4,
  rewards: [{ id: "numeric-closeness", params: { column: "answer", scale: 10, take: "only" } }],
});
const imageSpec = imageTasks.spec.parse({ seeds: 1, steps: 2 });
const facts = { taskId: "parity", rows: 4, parameterCount: 1, baseConfig: { model_type: "gradients-tiny-dit" } };

/** What a real evaluator is asked, by what is special about it. */
export const smallTasks = {
  "policy-reward, with its sandbox": {
    base: "tiny-llama",
    objective: grpo.objective(grpoSpec, { ...facts, contextLength: 128 }),
    rows: rowsOf("arithmetic", 4).map((row) => grpo.render(grpo.rowSchema(grpoSpec).parse(row), grpoSpec)),
  },
  denoise: {
    base: "tiny-dit",
    objective: imageTasks.objective(imageSpec, { ...facts, contextLength: 80 }),
    rows: rowsOf("emoji-smileys", 4),
  },
};

type SmallTask = (typeof smallTasks)[keyof typeof smallTasks];
type Needs = Omit<SessionNeeds, "taskId" | "seed" | "carriesCode" | "device">;

/** The numbers that a runner's evaluator gives the base itself, and the image that it was. */
export async function baseNumbers(runner: EvalRunner, options: object, task: SmallTask) {
  await using host = await createTestHost();
  const set = join(host.dataFolder, "test.jsonl");
  await mkdir(host.dataFolder, { recursive: true });
  await writeFile(set, task.rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const live = runner.create(runner.options.parse(options), host);
  const needs: Needs = {
    basePath: join(root, "models", "gradients-demo", task.base),
    sets: { test: set },
    objective: task.objective,
    contextLength: 128,
  };
  await using session = await live.open(
    { ...needs, taskId: "parity", seed: "0a", carriesCode: false, device: null },
    never,
  );
  const outcome = await session.run({ submission: null }, { timeoutMs: 200_000, signal: never });
  if (outcome.status !== "completed") throw new Error(`${outcome.code}: ${outcome.message}\n${outcome.logTail}`);
  const output = z.object({ sets: z.object({ test: z.looseObject({}) }) }).parse(outcome.output);
  const { samples: _pictures, completions: _digest, ...numbers } = output.sets.test;
  return { numbers, image: session.record.image };
}
