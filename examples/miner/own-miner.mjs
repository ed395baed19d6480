// A miner of one's own: it tries two learning rates on each task and hands in the model with the lower
// training loss. Run `npm run build`, make a key with `npx gradients miner keygen my-key.json`, then
//
//   npx node examples/miner/own-miner.mjs http://127.0.0.1:4000 my-key.json
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createSlots, readKeyFile, runMiner, trainerCommand } from "gradients/sdk";

const [url, keyFile] = process.argv.slice(2);
const root = join(import.meta.dirname, "..", "..");
const trainer = [process.execPath, join(root, "dist", "evaluators", "embedded", "train.js")];
const strategy = { method: "full", batchSize: 16, steps: 100, warmup: 10, schedule: "cosine", seed: 1 };
const slots = createSlots(1);

/** Leaves the better of two models in <folder>/model. */
async function makeModel(order) {
  let best = Infinity;
  for (const learningRate of [1e-3, 3e-3]) {
    let loss = Infinity;
    const onProgress = (progress) => {
      loss = progress.loss;
      order.onProgress(progress);
    };
    await trainerCommand(trainer, { ...strategy, learningRate }, slots)({ ...order, onProgress });
    const made = join(order.folder, "model");
    const kept = join(order.folder, "best");
    if (loss < best) {
      best = loss;
      await rm(kept, { recursive: true, force: true });
      await rename(made, kept);
    }
  }
  await rm(join(order.folder, "model"), { recursive: true, force: true });
  await rename(join(order.folder, "best"), join(order.folder, "model"));
}

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
const stateFolder = join(root, ".data", "own-miner");
await mkdir(stateFolder, { recursive: true });
await runMiner({
  url,
  keyPair: await readKeyFile(keyFile),
  name: "own-miner",
  maxParameterCount: 1e9,
  slots: 1,
  stateFolder,
  models: join(root, "models"),
  makeModel,
  strategyLabel: "full, the better of two learning rates",
  observer: {
    onProgress: (_state, { step, steps, loss }) =>
      process.stdout.write(`\rstep ${step}/${steps} loss ${loss.toFixed(3)} `),
    onStage: ({ taskId, stage }) => process.stdout.write(`\ntask ${taskId}: ${stage}\n`),
    onProblem: (_state, error) => process.stderr.write(`\n${error.message}\n`),
  },
  signal: stop.signal,
});
