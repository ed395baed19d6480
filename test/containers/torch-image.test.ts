import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadTorchImage } from "../../scripts/evaluator-images/index.ts";
import type { EvalRunner, SessionNeeds } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { grpo } from "../../src/plugins/grpo/index.ts";
import { image as imageTasks } from "../../src/plugins/image/index.ts";
import { DAEMON, docker, expectNothingLeft } from "./a-daemon.ts";

const root = join(import.meta.dirname, "..", "..");
const environment = join(root, ".venv", "bin", "python");
const python = process.env["GRADIENTS_TEST_PYTHON"] ?? (existsSync(environment) ? environment : null);
const never = new AbortController().signal;
const GiB = 1024 ** 3;

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

const tasks = {
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

type Needs = Omit<SessionNeeds, "taskId" | "seed" | "carriesCode" | "device">;

/** The numbers that a runner's evaluator gives the base itself. */
async function baseNumbers(runner: EvalRunner, options: object, task: (typeof tasks)[keyof typeof tasks]) {
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

const closeTo = (value: unknown): unknown => {
  if (typeof value === "number") return expect.closeTo(value, 5);
  if (Array.isArray(value)) return value.map(closeTo);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, closeTo(own)]));
};

describe.skipIf(python === null)("the image of the evaluators in PyTorch that is made without a registry", () => {
  expectNothingLeft();
  let image = "";
  beforeAll(async () => {
    image = await loadTorchImage(docker, python ?? "");
  });

  it.each(Object.entries(tasks))(
    "computes %s in a hardened container as the embedded evaluator does outside",
    async (_name, task) => {
      const options = { image, daemon: DAEMON, memory: 4 * GiB, pids: 1024 };
      const inside = await baseNumbers(dockerRunner, options, task);
      const outside = await baseNumbers(localRunner, {}, task);
      expect(inside.image).toBe(image);
      expect(inside.numbers).toEqual(closeTo(outside.numbers));
    },
    300_000,
  );
});
