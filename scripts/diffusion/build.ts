/**
 * Makes the emoji datasets and the demo's diffusion model anew: `npm run image:build`, one core, about 20 minutes.
 * With `--data-only` it makes the datasets and leaves the model alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadTokenizer, weightsDigest, writeSafetensors } from "../../evaluators/embedded/engine/index.ts";
import { createBuildLog, prefixSteps, sha256 } from "../base/build-log.ts";
import { specialTokensMap, tokenizerConfig } from "../base/tokenizer.ts";
import { datasetFile } from "./dataset.ts";
import { buildLogPath, datasetNames, modelFiles, modelFolder, rowsPath } from "./paths.ts";
import { demoConfig, makeTokenizer, pretrain, pretraining, readPictures } from "./pretrain.ts";

const { note, write } = createBuildLog();
for (const set of datasetNames) {
  const content = datasetFile(set);
  mkdirSync(dirname(rowsPath(set)), { recursive: true });
  writeFileSync(rowsPath(set), content);
  note(`datasets/emoji-${set}/rows.jsonl`, sha256(content));
}
if (!process.argv.includes("--data-only")) buildModel();

function buildModel(): void {
  mkdirSync(modelFolder, { recursive: true });
  writeFileSync(join(modelFolder, "tokenizer.json"), makeTokenizer());
  writeJson("config.json", demoConfig);
  writeJson("tokenizer_config.json", { ...tokenizerConfig, add_bos_token: false });
  writeJson("special_tokens_map.json", specialTokensMap);
  const { train, heldOut } = readPictures(loadTokenizer(modelFolder));
  note("pictures", `${train.length} to train on, ${heldOut.length} held out`);
  note("picture values", sha256(Float32Array.from(train.flatMap(({ picture }) => [...picture.values]))));
  note("pretraining", JSON.stringify(pretraining));
  note(`weights after ${prefixSteps} steps`, weightsDigest(pretrain(train, () => {}, prefixSteps, prefixSteps)));
  const weights = pretrain(train, ({ step, loss }) => note(`step ${step}`, `loss ${loss.toFixed(6)}`), 200);
  note("weights", weightsDigest(weights));
  writeSafetensors(join(modelFolder, "model.safetensors"), weights);
  for (const file of modelFiles) note(file, sha256(readFileSync(join(modelFolder, file))));
  write(buildLogPath);
}

function writeJson(name: string, value: unknown): void {
  writeFileSync(join(modelFolder, name), `${JSON.stringify(value, null, 2)}\n`);
}
