import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors, writeSafetensors } from "../../evaluators/embedded/engine/index.ts";
import { advanceTask, type App } from "../../src/core/app/index.ts";
import { sealSubmission } from "../../src/core/app/submissions/seal-submission.ts";
import { aCompleteUpload, type Files } from "../intake/an-upload.ts";
import type { MinerPrincipal } from "../intake/a-miner.ts";
import { valueOf } from "../intake/result.ts";
import { answerOffers } from "./a-market.ts";

const BASE_FOLDER = fileURLToPath(new URL("../../models/gradients-demo/tiny-llama", import.meta.url));

/** The base's weights with each value of the last norm scaled: a model of its own whose losses differ, without training. */
export async function scaledModel(scale: number): Promise<Files> {
  return {
    "config.json": await readFile(join(BASE_FOLDER, "config.json")),
    "model.safetensors": await scaledWeights(BASE_FOLDER, "model.norm.weight", scale),
  };
}

/** A base's weights file with each value of one tensor scaled. */
export async function scaledWeights(baseFolder: string, tensor: string, scale: number): Promise<Buffer> {
  const weights = new Map(readSafetensors(join(baseFolder, "model.safetensors")));
  const scaled = weights.get(tensor);
  if (scaled === undefined) throw new Error(`the base has no tensor ${tensor}`);
  weights.set(tensor, { ...scaled, data: scaled.data.map((value) => value * scale) });
  const folder = await mkdtemp(join(tmpdir(), "gradients-scaled-"));
  try {
    writeSafetensors(join(folder, "model.safetensors"), weights);
    return await readFile(join(folder, "model.safetensors"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Brings a new task into TRAINING with all of these miners. */
export async function startTraining(app: App, taskId: string, miners: readonly MinerPrincipal[]): Promise<void> {
  await advanceTask(app, taskId);
  await answerOffers(app, taskId, miners, () => true);
}

/** Uploads a model and seals it as final. */
export async function sealModel(
  app: App,
  taskId: string,
  miner: MinerPrincipal,
  files: Files,
  strategy: string,
): Promise<string> {
  const assignment = await app.store.findOne("assignments", { taskId, minerId: miner.minerId });
  if (assignment === null) throw new Error("this miner has no place in the task");
  const upload = await aCompleteUpload(app, { miner, taskId, assignmentId: assignment.id }, files);
  const input = {
    idempotencyKey: `${strategy}-${upload.id}`,
    uploadId: upload.id,
    artifactKind: "FULL",
    final: true,
    strategy,
  } as const;
  return valueOf(await sealSubmission(app, miner, input)).id;
}
