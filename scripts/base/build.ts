/**
 * Makes the demo datasets and the demo base model anew: `npm run base:build`, one core, about a quarter of an hour.
 * With `--data-only` it makes the datasets and the tokenizer's corpus counts, and leaves the model alone.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadTokenizer, weightsDigest, writeSafetensors } from "../../evaluators/embedded/engine/index.ts";
import { createBuildLog, prefixSteps, sha256 } from "./build-log.ts";
import { exposure } from "./corpus.ts";
import { datasetFiles, type DemoData, makeDemoData } from "./demo-data.ts";
import { buildLogPath, datasetNames, modelFiles, modelFolder, rowsPath } from "./paths.ts";
import { demoConfig, pretrain, pretraining } from "./pretrain.ts";
import { tokenStream } from "./token-stream.ts";
import { specialTokensMap, tokenizerConfig, trainTokenizer } from "./tokenizer.ts";

const data = makeDemoData();
const { note, write } = createBuildLog();
writeDatasets(data);
if (!process.argv.includes("--data-only")) buildModel(data);

function writeDatasets({ rows }: DemoData): void {
  const files = datasetFiles(rows);
  for (const name of datasetNames) {
    writeFileSync(rowsPath(name), files[name]);
    note(`datasets/${name}/rows.jsonl`, sha256(files[name]));
  }
}

function buildModel({ rows, corpus }: DemoData): void {
  mkdirSync(modelFolder, { recursive: true });
  const { seen, unseen } = exposure(rows.names, corpus.lines);
  note("corpus", sha256(corpus.lines.join("\n")));
  note("corpus lines", `${corpus.lines.length}, different ones of each kind ${JSON.stringify(corpus.counts)}`);
  note("demo names of one word inside other corpus text", `${seen} of ${seen + unseen}`);

  writeJson("config.json", demoConfig);
  writeFileSync(
    join(modelFolder, "tokenizer.json"),
    `${JSON.stringify(trainTokenizer(corpus.lines, demoConfig.vocab_size))}\n`,
  );
  writeJson("tokenizer_config.json", tokenizerConfig);
  writeJson("special_tokens_map.json", specialTokensMap);
  const stream = tokenStream(corpus.lines, loadTokenizer(modelFolder));
  note("tokens", `${stream.length}`);
  note("token stream", sha256(stream));

  note("pretraining", JSON.stringify(pretraining));
  note(`weights after ${prefixSteps} steps`, weightsDigest(pretrain(stream, () => {}, prefixSteps, prefixSteps)));
  const weights = pretrain(stream, ({ step, loss }) => note(`step ${step}`, `loss ${loss.toFixed(6)}`), 100);
  note("weights", weightsDigest(weights));
  writeSafetensors(join(modelFolder, "model.safetensors"), weights);
  for (const file of modelFiles) note(file, sha256(readFileSync(join(modelFolder, file))));
  write(buildLogPath);
}

function writeJson(name: string, value: unknown): void {
  writeFileSync(join(modelFolder, name), `${JSON.stringify(value, null, 2)}\n`);
}
