import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  createDit,
  denoisingLoss,
  type Dit,
  ditLayers,
  loadDit,
  noiseAt,
  type Picture,
} from "../../evaluators/embedded/diffusion/index.ts";
import {
  adapterWeights,
  backward,
  begin,
  mark,
  readAdapter,
  readSafetensors,
  release,
  toAdapter,
} from "../../evaluators/embedded/engine/index.ts";
import { reconstructionErrors } from "../../evaluators/embedded/objectives/denoise/reconstruction-errors.ts";
import { goldenPath, readGoldenJson, relativeError } from "./golden-models.ts";

const numbers = z.array(z.number());
const { seed, rows } = z
  .object({
    seed: z.string(),
    rows: z.array(
      z.object({ height: z.number(), width: z.number(), values: numbers, caption: numbers, time: z.number() }),
    ),
  })
  .parse(readGoldenJson("dit-rows.json"));
const recorded = z.object({
  losses: numbers,
  batchLoss: z.number(),
  errors: z.array(z.object({ text: z.number(), noText: z.number() })),
});
const expected = z.object({ noise: numbers, dit: recorded, "dit-lora": recorded }).parse(readGoldenJson("dit.json"));

const pictures = rows.map(({ height, width, values }): Picture => ({
  height,
  width,
  values: Float32Array.from(values),
}));
const captioned = rows.flatMap(({ caption }, row) =>
  pictures.slice(row, row + 1).map((picture) => ({ picture, caption })),
);
const noisyExamples = rows.flatMap(({ caption, time }, row) =>
  pictures
    .slice(row, row + 1)
    .map((picture) => ({ picture, caption, time, noise: noiseAt({ seed, draw: 0, row }, picture.values.length) })),
);

/** The recorded model with gradients on all weights, or on the adapter alone. */
function loadCase(name: "dit" | "dit-lora"): Dit {
  const { config, weights } = loadDit(goldenPath("dit"));
  if (name === "dit") return createDit(config, weights);
  const adapter = readAdapter(goldenPath("dit-lora"), { layers: ditLayers(config), names: ["golden/dit"] });
  return createDit(config, weights, { train: "none" }).withAdapter(toAdapter(adapter, true));
}

function gradientsOf(model: Dit): ReadonlyMap<string, Float32Array> {
  const names = model.adapter === undefined ? [...model.tensors.keys()] : [...adapterWeights(model.adapter).keys()];
  return new Map(names.flatMap((name, i) => model.trainable.slice(i, i + 1).map((t) => [name, t.gradient.slice()])));
}

it("draws the same noise as the reference", () => {
  const found = noiseAt({ seed, draw: 2, row: 5 }, expected.noise.length);
  for (const [i, value] of expected.noise.entries()) expect(found[i]).toBeCloseTo(value, 6);
});

describe.each(["dit", "dit-lora"] as const)("the recorded model %s", (name) => {
  it("has the denoising losses of the reference", () => {
    const start = mark();
    const model = loadCase(name);
    for (const [row, example] of noisyExamples.entries())
      expect(denoisingLoss(model, [example])).toBeCloseTo(expected[name].losses[row] ?? NaN, 5);
    release(start);
  });

  it.each([
    ["in one go", [noisyExamples.slice(0, 2)]],
    ["in two, as pictures of different sizes are", [noisyExamples.slice(0, 1), noisyExamples.slice(1, 2)]],
  ])("has the gradients of the reference, tensor by tensor, %s", (_, groups) => {
    const start = mark();
    const model = loadCase(name);
    begin();
    const share = 1 / groups.length;
    const loss = groups.reduce((sum, group) => sum + share * denoisingLoss(model, group, share), 0);
    expect(loss).toBeCloseTo(expected[name].batchLoss, 5);
    backward();
    const gradients = gradientsOf(model);
    const reference = readSafetensors(goldenPath(`${name}.gradients.safetensors`));
    expect([...gradients.keys()].toSorted()).toEqual([...reference.keys()].toSorted());
    const distant = [...reference]
      .map(([tensor, { data }]) => [tensor, relativeError(gradients.get(tensor) ?? new Float32Array(0), data)] as const)
      .filter(([, error]) => !(error < 2e-5));
    expect(distant).toEqual([]);
    release(start);
  });

  it("reconstructs as badly as the reference, with the caption and without", () => {
    const start = mark();
    const model = loadCase(name);
    const empty = Array.from({ length: model.config.text_length }, () => model.config.pad_token_id);
    const steps = reconstructionErrors(model, captioned, empty, { strengths: [0.3, 0.9], seeds: 2, steps: 5, seed });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    for (const [row, errors] of expected[name].errors.entries()) {
      expect(step.value.rows[row]?.text).toBeCloseTo(errors.text, 6);
      expect(step.value.rows[row]?.noText).toBeCloseTo(errors.noText, 6);
    }
    release(start);
  });
});
