/**
 * Rebuilds the demo datasets, the tokenizer and the first steps of the pretraining, and compares them with what is
 * committed: `npm run base:check`, under a minute. Exit code 1 and one line for each difference.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadTokenizer, readSafetensors, weightsDigest } from "../../evaluators/embedded/engine/index.ts";
import { comparedWith, prefixSteps, sha256 } from "./build-log.ts";
import { datasetFiles, makeDemoData } from "./demo-data.ts";
import { buildLogPath, modelFiles, modelFolder } from "./paths.ts";
import { demoConfig, pretrain, pretraining } from "./pretrain.ts";
import { tokenStream } from "./token-stream.ts";
import { trainTokenizer } from "./tokenizer.ts";

const compare = comparedWith(buildLogPath);

const { rows, corpus } = makeDemoData();
for (const [name, content] of Object.entries(datasetFiles(rows)))
  compare(`datasets/${name}/rows.jsonl`, sha256(content));
compare("corpus", sha256(corpus.lines.join("\n")));
compare("tokenizer.json", sha256(`${JSON.stringify(trainTokenizer(corpus.lines, demoConfig.vocab_size))}\n`));
const stream = tokenStream(corpus.lines, loadTokenizer(modelFolder));
compare("token stream", sha256(stream));
compare("pretraining", JSON.stringify(pretraining));
compare(`weights after ${prefixSteps} steps`, weightsDigest(pretrain(stream, () => {}, prefixSteps, prefixSteps)));
compare("weights", weightsDigest(readSafetensors(join(modelFolder, "model.safetensors"))));
for (const file of modelFiles) compare(file, sha256(readFileSync(join(modelFolder, file))));
