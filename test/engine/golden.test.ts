import { describe, expect, it } from "vitest";
import { z } from "zod";
import { backward, begin, readSafetensors, seed } from "../../evaluators/embedded/engine/index.ts";
import { goldenPath, gradientsOf, loadGolden, readGoldenJson, relativeError } from "./golden-models.ts";

const recorded = z.object({ mean: z.number(), losses: z.array(z.number()) });
const expected = z.object({ tied: recorded, untied: recorded, lora: recorded }).parse(readGoldenJson("expected.json"));
const inputs = z
  .object({
    batch: z.number(),
    length: z.number(),
    ids: z.array(z.number()),
    targets: z.array(z.number()),
    seeds: z.array(z.number()),
  })
  .parse(readGoldenJson("inputs.json"));

describe.each(["tied", "untied", "lora"] as const)("the %s model against torch in float64", (name) => {
  const model = loadGolden(name);
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
    const reference = readSafetensors(goldenPath(`${name}.gradients.safetensors`));
    const own = gradientsOf(model);
    expect([...own.keys()].sort()).toEqual([...reference.keys()].sort());
    const errors = [...reference].map(([tensor, { data }]) => ({
      tensor,
      error: relativeError(own.get(tensor)?.data ?? new Float32Array(), data),
    }));
    expect(errors.filter(({ error }) => !(error < 1e-5))).toEqual([]);
  });
});
