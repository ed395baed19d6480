// The embedded trainer: node train.ts <task folder> [--strategy '<json>'] leaves a model folder and prints progress as
// JSON lines. Without --strategy it reads strategy.json in the folder.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadTokenizer, saveAdapter, saveModel } from "./engine/index.ts";
import type { EngineModel, ModelFamily } from "./models/model-family.ts";
import type { Objective } from "./objectives/index.ts";
import { withObjective } from "./objectives/index.ts";
import type { Strategy } from "./trainer/strategy.ts";
import { strategySchema } from "./trainer/strategy.ts";
import type { TaskFolder } from "./trainer/task-folder.ts";
import { readTaskFolder } from "./trainer/task-folder.ts";
import { trainModel } from "./trainer/train-model.ts";

/** Progress lines per run; how many there are does not depend on the machine. */
const REPORTS = 100;

function readStrategy(folder: string, text: string | undefined): Strategy {
  return strategySchema.parse(JSON.parse(text ?? readFileSync(join(folder, "strategy.json"), "utf8")));
}

function train<Model extends EngineModel>(
  objective: Objective<Model>,
  family: ModelFamily<Model>,
  task: TaskFolder,
  strategy: Strategy,
): void {
  const configured = objective.configure(task.objective.options);
  const lora =
    strategy.method === "lora" ? { r: strategy.rank, alpha: strategy.alpha, targets: strategy.targets } : undefined;
  const model = family.load(
    task.basePath,
    lora === undefined ? { method: "full" } : { method: "lora", lora, seed: strategy.seed },
  );
  const contextLength = Math.min(task.contextLength, family.contextLength(model));
  const { config }: { readonly config: Model["config"] } = model;
  const rules = { tokenizer: loadTokenizer(task.basePath), config, contextLength };
  const seed = strategy.seed.toString(16);
  const set = configured.trainingSet({ name: "data/train.jsonl", file: task.rowsPath, rules, base: model, seed });
  if (set.rows === 0) throw new Error("No row of data/train.jsonl has a counted token.");

  const startedAt = performance.now();
  const parent = process.ppid;
  const every = Math.max(1, Math.ceil(strategy.steps / REPORTS));
  for (const progress of trainModel(model, set, strategy)) {
    const { step, steps } = progress;
    if (step % every !== 0 && step !== 1 && step !== steps) continue;
    // The loop lets no event in: a parent that was killed shows only here.
    if (process.ppid !== parent) throw new Error("Whoever started the training is gone.");
    const secondsPerStep = (performance.now() - startedAt) / 1000 / step;
    const etaSeconds = Math.round(secondsPerStep * (steps - step) * 10) / 10;
    process.stdout.write(`${JSON.stringify({ ...progress, etaSeconds })}\n`);
  }

  rmSync(task.modelPath, { recursive: true, force: true });
  if (lora !== undefined && model.adapter !== undefined)
    saveAdapter(task.modelPath, model.adapter, { ...lora, base: task.baseName, taskType: family.peftTaskType });
  else saveModel(task.modelPath, { config, weights: model.weights() }, task.basePath);
}

const { values, positionals } = parseArgs({ options: { strategy: { type: "string" } }, allowPositionals: true });
const [folder] = positionals;
if (folder === undefined || positionals.length > 1) {
  process.stderr.write("Usage: node train.ts <task folder> [--strategy '<json>']\n");
  process.exit(64);
}
const task = readTaskFolder(folder);
const strategy = readStrategy(folder, values.strategy);
withObjective(task.objective.name, (objective, family) => train(objective, family, task, strategy));
