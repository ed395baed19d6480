import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const asked = process.env["GRADIENTS_TEST_PYTHON"];
const own = join(root, ".venv", "bin", "python");

/** A Python that has PyTorch: the one asked for, the one that evaluators/torch/install.sh makes, or the system's. */
export const python = asked ?? (existsSync(own) ? own : "python3");

/** The evaluator in PyTorch with these options, as a command that a session folder is appended to. */
export const torchCommand = (...options: readonly string[]): readonly string[] => [
  python,
  "-I",
  join(root, "evaluators", "torch"),
  ...options,
];

/** The evaluator in PyTorch as the embedded engine computes: on the CPU, in single precision. */
export const torchEvaluator = torchCommand("--device", "cpu", "--precision", "float32");

/** The embedded evaluator. */
export const embeddedEvaluator: readonly string[] = [process.execPath, join(root, "evaluators", "embedded", "main.ts")];

function whatIsMissing(): string | undefined {
  const tried = spawnSync(python, ["-I", "-c", "import torch, transformers, peft"], { encoding: "utf8" });
  if (tried.status === 0) return undefined;
  const reason = tried.error?.message ?? tried.stderr.trim().split("\n").at(-1) ?? "";
  return `${python} can't import torch, transformers and peft: ${reason}`;
}

const missing = whatIsMissing();
if (missing !== undefined) {
  // Whoever names a Python means to run the tests.
  if (asked !== undefined) throw new Error(missing);
  process.stderr.write(`skipped: ${missing} (evaluators/torch/install.sh installs them)\n`);
}

/** A suite that is skipped, with a printed reason, where PyTorch is missing. */
export const describeWithTorch = missing === undefined ? describe : describe.skip;

/** Says what was measured, for whoever reads the log. */
export const report = (line: string): boolean => process.stderr.write(`${line}\n`);
