import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTorchImage } from "../../scripts/evaluator-images/index.ts";
import { dockerRunner } from "../../src/eval-runners/docker/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { DAEMON, docker, expectNothingLeft } from "./a-daemon.ts";
import { baseNumbers, smallTasks } from "./base-numbers.ts";

const root = join(import.meta.dirname, "..", "..");
const environment = join(root, ".venv", "bin", "python");
const python = process.env["GRADIENTS_TEST_PYTHON"] ?? (existsSync(environment) ? environment : null);
const GiB = 1024 ** 3;

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

  it.each(Object.entries(smallTasks))(
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
