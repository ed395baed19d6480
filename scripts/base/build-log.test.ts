import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readSafetensors, weightsDigest } from "../../evaluators/embedded/engine/index.ts";
import { logged, sha256 } from "./build-log.ts";
import { buildLogPath, modelFiles, modelFolder } from "./paths.ts";
import { pretraining } from "./pretrain.ts";

const log = readFileSync(buildLogPath, "utf8");

it.each(modelFiles)("the committed %s is the one that the build log names", (file) => {
  expect(sha256(readFileSync(join(modelFolder, file)))).toBe(logged(log, file));
});

it("the log has the settings of the pretraining and its loss falls by more than half", () => {
  expect(logged(log, "pretraining")).toBe(JSON.stringify(pretraining));
  const lossAt = (step: number) => Number(logged(log, `step ${step}`).replace("loss ", ""));
  expect(lossAt(pretraining.steps)).toBeLessThan(lossAt(100) * 0.6);
});

it("the weights have 541,536 parameters in float32 and the digest of the log", () => {
  const path = join(modelFolder, "model.safetensors");
  const weights = readSafetensors(path);
  expect(weights.values().reduce((sum, { data }) => sum + data.length, 0)).toBe(541_536);
  expect(statSync(path).size).toBeLessThan(2_200_000);
  expect(weightsDigest(weights)).toBe(logged(log, "weights"));
});
