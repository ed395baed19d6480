import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { dpo } from "../../src/plugins/dpo/index.ts";
import { grpo } from "../../src/plugins/grpo/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
const CONTEXT = 128;

const fields = z.record(z.string(), z.string());

function rowsOf(dataset: string, from: number, to: number): readonly Record<string, string>[] {
  const lines = readFileSync(join(root, "datasets", dataset, "rows.jsonl"), "utf8")
    .trim()
    .split("\n");
  return lines.slice(from, to).map((line) => fields.parse(JSON.parse(line)));
}

const toLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const instructSpec = instruct.spec.parse({});
const renderInstruct = (dataset: string, from: number, to: number) =>
  toLines(rowsOf(dataset, from, to).map((row) => instruct.render(row, instructSpec)));

const dpoSpec = dpo.spec.parse({});
const renderDpo = (from: number, to: number) =>
  toLines(rowsOf("preferences", from, to).map((row) => dpo.render(row, dpoSpec)));

const grpoSpec = grpo.spec.parse({
  maxNewTokens: 6,
  rewards: [
    { id: "numeric-closeness", params: { column: "answer", scale: 10, take: "only" } },
    { id: "length", weight: 0.5, params: { unit: "characters", min: 1, max: 3 } },
  ],
});
const renderGrpo = (from: number, to: number) =>
  toLines(rowsOf("arithmetic", from, to).map((row) => grpo.render(row, grpoSpec)));

const facts = { taskId: "parity", parameterCount: 0, contextLength: CONTEXT, rows: 100, baseConfig: {} };

/** What `open` gets for each objective, with two sets of the demo's rows. */
export const openings = {
  "token-cross-entropy": {
    datasets: { test: "sets/names.jsonl", synth: "sets/definitions.jsonl" },
    objective: instruct.objective(instructSpec, facts),
    // Less than many definitions have, so that rows are cut.
    contextLength: 40,
  },
  preference: {
    datasets: { test: "sets/preferences.jsonl", synth: "sets/more-preferences.jsonl" },
    objective: dpo.objective(dpoSpec, facts),
    contextLength: CONTEXT,
  },
  "policy-reward": {
    datasets: { test: "sets/sums.jsonl", synth: "sets/more-sums.jsonl" },
    objective: grpo.objective(grpoSpec, facts),
    contextLength: CONTEXT,
  },
} as const;

export type ObjectiveName = keyof typeof openings;

/** Adapters and whole models that are really trained on the demo's base, a few steps each. */
export const submissions = {
  lora: { path: "submissions/lora/model", artifactKind: "LORA" },
  "small lora": { path: "submissions/small-lora/model", artifactKind: "LORA" },
  full: { path: "submissions/full/model", artifactKind: "FULL" },
} as const;

/** Writes the demo's base, sets for every language objective and the submissions into a session folder. */
export async function writeDemoWorld(folder: string): Promise<void> {
  cpSync(join(root, "models", "gradients-demo", "tiny-llama"), join(folder, "base"), { recursive: true });
  mkdirSync(join(folder, "sets"));
  const sets = {
    names: renderInstruct("translate-names", 0, 120),
    definitions: renderInstruct("definitions", 0, 60),
    preferences: renderDpo(0, 80),
    "more-preferences": renderDpo(80, 120),
    sums: renderGrpo(0, 40),
    "more-sums": renderGrpo(40, 60),
  };
  for (const [name, lines] of Object.entries(sets)) writeFileSync(join(folder, "sets", `${name}.jsonl`), lines);
  const strategy = { batchSize: 8, schedule: "constant", steps: 20, seed: 1, weightDecay: 0 };
  const all = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
  const lora = { ...strategy, method: "lora", learningRate: 1e-2 };
  await train(folder, "lora", { ...lora, rank: 8, alpha: 16, targets: all });
  await train(folder, "small-lora", { ...lora, rank: 1, alpha: 3, targets: ["v_proj", "down_proj"] });
  await train(folder, "full", { ...strategy, method: "full", learningRate: 1e-3 });
}

async function train(folder: string, name: string, strategy: object): Promise<void> {
  const task = join(folder, "submissions", name);
  mkdirSync(join(task, "data"), { recursive: true });
  const objective = instruct.objective(instructSpec, facts);
  const baseModel = { path: "../../base", repo: "gradients-demo/tiny-llama" };
  writeFileSync(join(task, "task.json"), JSON.stringify({ taskId: name, baseModel, objective }));
  writeFileSync(join(task, "data", "train.jsonl"), renderInstruct("translate-names", 200, 600));
  const trainer = join(root, "evaluators", "embedded", "train.ts");
  await run(process.execPath, [trainer, task, "--strategy", JSON.stringify(strategy)]);
}
