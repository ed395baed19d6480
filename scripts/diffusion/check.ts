/**
 * Rebuilds the emoji datasets, the tokenizer and the first steps of the diffusion model's pretraining, and compares them
 * with what is committed: `npm run image:check`, under a minute. Exit code 1 and one line for each difference.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadTokenizer, readSafetensors, weightsDigest } from "../../evaluators/embedded/engine/index.ts";
import { comparedWith, prefixSteps, sha256 } from "../base/build-log.ts";
import { datasetFile } from "./dataset.ts";
import { buildLogPath, datasetNames, modelFiles, modelFolder, rowsPath } from "./paths.ts";
import { makeTokenizer, pretrain, pretraining, readPictures } from "./pretrain.ts";

const compare = comparedWith(buildLogPath);

for (const set of datasetNames) {
  compare(`datasets/emoji-${set}/rows.jsonl`, sha256(datasetFile(set)));
  compare(`datasets/emoji-${set}/rows.jsonl`, sha256(readFileSync(rowsPath(set))));
}
compare("tokenizer.json", sha256(makeTokenizer()));
compare("pretraining", JSON.stringify(pretraining));
const { train } = readPictures(loadTokenizer(modelFolder));
compare(`weights after ${prefixSteps} steps`, weightsDigest(pretrain(train, () => {}, prefixSteps, prefixSteps)));
compare("weights", weightsDigest(readSafetensors(join(modelFolder, "model.safetensors"))));
for (const file of modelFiles) compare(file, sha256(readFileSync(join(modelFolder, file))));
