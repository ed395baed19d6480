import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readSafetensors, weightsDigest } from "../../evaluators/embedded/engine/index.ts";
import { logged, sha256 } from "../base/build-log.ts";
import { emojiOf, readEmoji } from "./emoji.ts";
import { buildLogPath, datasetNames, modelFiles, modelFolder, rowsPath } from "./paths.ts";
import { pretraining } from "./pretrain.ts";

const log = readFileSync(buildLogPath, "utf8");

it.each(modelFiles)("the committed %s is the one that the build log names", (file) => {
  expect(sha256(readFileSync(join(modelFolder, file)))).toBe(logged(log, file));
});

it.each(datasetNames)("the committed rows of emoji-%s are the ones that the build log names", (name) => {
  expect(sha256(readFileSync(rowsPath(name)))).toBe(logged(log, `datasets/emoji-${name}/rows.jsonl`));
});

it("the log has the settings of the pretraining and its loss falls by more than half", () => {
  expect(logged(log, "pretraining")).toBe(JSON.stringify(pretraining));
  const lossAt = (step: number) => Number(logged(log, `step ${step}`).replace("loss ", ""));
  expect(lossAt(pretraining.steps)).toBeLessThan(lossAt(200) * 0.5);
});

it("the weights have the digest of the log and a size fit for a repository", () => {
  const path = join(modelFolder, "model.safetensors");
  expect(weightsDigest(readSafetensors(path))).toBe(logged(log, "weights"));
  expect(statSync(path).size).toBeLessThan(2_600_000);
});

it("no picture of a demo dataset is among the pretraining's", () => {
  const all = readEmoji();
  const files = new Set(emojiOf("pretraining", all).map(({ file }) => file));
  expect(files.size).toBeGreaterThan(1000);
  for (const name of datasetNames) {
    const own = emojiOf(name, all);
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter(({ file }) => files.has(file))).toEqual([]);
  }
});
