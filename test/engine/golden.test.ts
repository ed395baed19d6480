import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  adapterWeights,
  backward,
  begin,
  createLlama,
  type Llama,
  loadAdapter,
  loadModel,
  readSafetensors,
  seed,
  toAdapter,
  type Weights,
} from "../../evaluators/embedded/engine/index.ts";

const folder = join(import.meta.dirname, "golden");
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
const recorded = z.object({ mean: z.number(), losses: z.array(z.number()) });
const expected = z.object({ tied: recorded, untied: recorded, lora: recorded }).parse(readJson("expected.json"));
const inputs = z
  .object({
    batch: z.number(),
    length: z.number(),
    ids: z.array(z.number()),
    targets: z.array(z.number()),
    seeds: z.array(z.number()),
  })
  .parse(readJson("inputs.json"));

function load(name: "tied" | "untied" | "lora"): Llama {
  const { config, weights } = loadModel(join(folder, name === "lora" ? "untied" : name));
  if (name !== "lora") return createLlama(config, weights);
  const frozen = createLlama(config, weights, { train: "none" });
  return frozen.withAdapter(toAdapter(loadAdapter(join(folder, "lora"), { config }), true));
}

/** Gradients of Σ seed · loss by tensor name. */
function gradients(model: Llama): Weights {
  const copy = (tensor: { shape: readonly number[]; gradient: Float32Array }) => ({
    shape: tensor.shape,
    data: tensor.gradient.slice(),
  });
  if (model.adapter === undefined) return new Map([...model.tensors].map(([name, tensor]) => [name, copy(tensor)]));
  const names = [...adapterWeights(model.adapter).keys()];
  return new Map(names.flatMap((name, i) => model.trainable.slice(i, i + 1).map((tensor) => [name, copy(tensor)])));
}

function relativeError(found: Float32Array, reference: Float32Array): number {
  const norm = Math.hypot(...reference);
  return Math.hypot(...reference.map((value, i) => value - (found[i] ?? NaN))) / norm;
}

describe.each(["tied", "untied", "lora"] as const)("the %s model against torch in float64", (name) => {
  const model = load(name);
  begin();
  const losses = model.tokenNll(inputs.ids, inputs.targets, inputs.batch, inputs.length);
  const found = [...losses.data];
  seed(losses, inputs.seeds);
  backward();
  const counted = inputs.targets.filter((target) => target >= 0).length;

  it("agrees on the mean loss to 1e-6", () => {
    const mean = found.reduce((sum, loss) => sum + loss, 0) / counted;
    expect(Math.abs(mean - expected[name].mean)).toBeLessThan(1e-6);
  });

  it("agrees on the loss of every token, and gives 0 where nothing counts", () => {
    const worst = Math.max(...found.map((loss, i) => Math.abs(loss - (expected[name].losses[i] ?? NaN))));
    expect(worst).toBeLessThan(1e-5);
    expect(found.filter((loss) => loss !== 0)).toHaveLength(counted);
  });

  it("agrees on the gradient of every tensor to a relative 1e-5", () => {
    const reference = readSafetensors(join(folder, `${name}.gradients.safetensors`));
    const own = gradients(model);
    expect([...own.keys()].sort()).toEqual([...reference.keys()].sort());
    const errors = [...reference].map(([tensor, { data }]) => ({
      tensor,
      error: relativeError(own.get(tensor)?.data ?? new Float32Array(), data),
    }));
    expect(errors.filter(({ error }) => !(error < 1e-5))).toEqual([]);
  });
});
