// What it costs to evaluate k adapters of one base:   npx node bench/evaluation.ts
// One session for all of them against a session for each of them, which is how the original did it; the embedded engine,
// and PyTorch where GRADIENTS_TEST_PYTHON or .venv has it; in containers, where a Docker daemon answers.
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { z } from "zod";
import { loadEmbeddedImage } from "../scripts/evaluator-images/index.ts";
import { createTestHost } from "../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../src/eval-runners/docker/index.ts";
import { localRunner } from "../src/eval-runners/local/index.ts";
import { type Field, writeField } from "./evaluation/field.ts";
import { aSessionEach, evaluate, median, type Open, oneSession, openWith } from "./evaluation/measure.ts";
import { enginePeak, torchPeak } from "./evaluation/peak.ts";

const COUNTS = [1, 4, 15];
const CONTAINER_ROUNDS = 5;
const ROOT = join(import.meta.dirname, "..");
const own = join(ROOT, ".venv", "bin", "python");
const python = process.env["GRADIENTS_TEST_PYTHON"] ?? (existsSync(own) ? own : null);

await using host = await createTestHost();
// What a task of a thousand rows has.
const field = writeField(host.dataFolder, { test: 100, synth: 300 }, Math.max(...COUNTS));
const torch = (...options: readonly string[]) => [python ?? "", "-I", join(ROOT, "evaluators", "torch"), ...options];
const evaluators: { readonly name: string; readonly open: Open; readonly peak: () => number }[] = [
  { name: "embedded", open: openWith(localRunner, {}, host), peak: enginePeak },
];
if (python === null) console.log("PyTorch is left out: neither GRADIENTS_TEST_PYTHON nor .venv is there");
else
  evaluators.push({
    name: "torch",
    open: openWith(localRunner, { command: torch() }, host),
    peak: () => torchPeak(python),
  });

for (const { name, open, peak } of evaluators) {
  console.log(`\n${name} on ${await deviceOf(open)}`);
  await loadTheBaseOnce(open);
  console.log(`base loads of a session with ${field.adapters.length} adapters: 1`);
  const rows = [];
  for (const models of COUNTS) {
    const [together, each] = [await oneSession(open, field, models), await aSessionEach(open, field, models)];
    const ratio = Number((each / together).toFixed(2));
    rows.push({ models, oneSessionMs: Math.round(together), aSessionEachMs: Math.round(each), timesAsFast: ratio });
  }
  console.table(rows);
  // The machine may be busy with something else: its peak is the better of one before and one after.
  const before = peak();
  const speed = await tokensPerSecond(open, field);
  const most = Math.max(before, peak());
  const share = (100 * speed * field.operationsPerToken) / most;
  const inProducts = `${(most / 1e9).toFixed(1)} GFLOP/s in a matrix product`;
  console.log(`${Math.round(speed)} tokens/s while it evaluates: ${share.toFixed(0)} % of its peak, ${inProducts}`);
}
if (python !== null) await printSpread();
await printContainerOverhead();

async function deviceOf(open: Open): Promise<string> {
  await using session = await open(field.needs);
  return session.record.device;
}

/** Takes the base's weights away once the session is open. @throws {Error} where the evaluator wants them again. */
async function loadTheBaseOnce(open: Open): Promise<void> {
  const [weights, away] = ["model.safetensors", "taken-away"].map((name) => join(field.needs.basePath, name));
  if (weights === undefined || away === undefined) throw new Error("two paths were expected");
  await using session = await open(field.needs);
  renameSync(weights, away);
  try {
    for (const path of field.adapters) await evaluate(session, path);
  } finally {
    renameSync(away, weights);
  }
}

async function tokensPerSecond(open: Open, { needs, adapters, tokens }: Field): Promise<number> {
  await using session = await open(needs);
  const times: number[] = [];
  for (const path of adapters.slice(0, 4)) {
    const startedAt = performance.now();
    await evaluate(session, path);
    times.push(performance.now() - startedAt);
  }
  return tokens / (median(times) / 1000);
}

/** How far a loss moves when it is computed again, and in batches of other sizes. */
async function printSpread(): Promise<void> {
  const loss = z.object({ sets: z.object({ test: z.object({ loss: z.number() }) }) });
  const found: number[] = [];
  for (const size of ["256", "2048", "2048", "16384"]) {
    await using session = await openWith(localRunner, { command: torch("--batch-tokens", size) }, host)(field.needs);
    const [path = ""] = field.adapters;
    for (let round = 0; round < 2; round++) found.push(loss.parse(await evaluate(session, path)).sets.test.loss);
  }
  const spread = Math.max(...found) - Math.min(...found);
  console.log(
    `\ntorch: ${found.length} evaluations in batches of three sizes differ by ${spread.toExponential(1)} at most`,
  );
}

/** What a hardened container adds to a session with one model. */
async function printContainerOverhead(): Promise<void> {
  const docker = new Docker();
  const answers = await docker.ping().then(
    () => true,
    () => false,
  );
  if (!answers) return console.log("\nno Docker daemon answers: the cost of a container is left out");
  const image = await loadEmbeddedImage(docker);
  const container = openWith(dockerRunner, { image }, host);
  const local = openWith(localRunner, {}, host);
  const [inside, outside]: [number[], number[]] = [[], []];
  for (let round = 0; round < CONTAINER_ROUNDS; round++) {
    outside.push(await oneSession(local, field, 1));
    inside.push(await oneSession(container, field, 1));
  }
  const [withContainer, without] = [median(inside), median(outside)];
  const added = Math.round(withContainer - without);
  console.log(
    `\na session with one model: ${Math.round(without)} ms, in a container ${Math.round(withContainer)} ms (${added} ms more)`,
  );
}
