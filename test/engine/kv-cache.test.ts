import { describe, expect, it } from "vitest";
import { createLlama, initWeights, KeyValueCache } from "../../evaluators/embedded/engine/index.ts";
import { loadGolden } from "./golden-models.ts";
import { tinyConfig } from "./tiny-base.ts";

const batch = 3;
const length = 9;
const ids = Array.from({ length: batch * length }, (_, i) => (i * 37 + 5) % 53);
const column = (from: number, to: number): readonly number[] =>
  Array.from({ length: batch }, (_, row) => ids.slice(row * length + from, row * length + to)).flat();

/** Largest difference between the cached logits and those of the whole sequence at once. */
function difference(model: ReturnType<typeof loadGolden>, cuts: readonly number[]): number {
  const vocabulary = model.config.vocab_size;
  const whole = model.forward(ids, batch, length).data.slice();
  const cache = new KeyValueCache(model.config, batch, length + 2);
  let worst = 0;
  for (const [index, to] of cuts.entries()) {
    const logits = model.extend(column(cuts[index - 1] ?? 0, to), cache).data;
    for (let row = 0; row < batch; row++) {
      for (let token = 0; token < vocabulary; token++) {
        const expected = whole[(row * length + to - 1) * vocabulary + token] ?? NaN;
        worst = Math.max(worst, Math.abs(expected - (logits[row * vocabulary + token] ?? NaN)));
      }
    }
  }
  return worst;
}

describe("reading a sequence in pieces", () => {
  it.each(["tied", "untied", "lora"] as const)("gives %s the logits of the whole sequence", (name) => {
    expect(difference(loadGolden(name), [4, 5, 6, 7, 8, 9])).toBeLessThan(1e-5);
    expect(difference(loadGolden(name), [1, 7, 9])).toBeLessThan(1e-5);
  });

  it("gives a sequence the same bits whatever else is in its batch", () => {
    const model = createLlama(tinyConfig, initWeights(tinyConfig, 1), { train: "none" });
    const alone = new KeyValueCache(model.config, 1, length);
    const together = new KeyValueCache(model.config, batch, length);
    for (const [from, to] of [
      [0, 4],
      [4, 5],
      [5, 6],
    ] as const) {
      const one = model.extend(ids.slice(from, to), alone).data.slice();
      const all = model.extend(column(from, to), together).data;
      expect(all.slice(0, model.config.vocab_size)).toEqual(one);
    }
  });

  it("refuses more than the cache or the context holds", () => {
    const model = createLlama(tinyConfig, initWeights(tinyConfig, 1), { train: "none" });
    expect(() => model.extend([1, 2, 3], new KeyValueCache(model.config, 1, 2))).toThrow(/3 positions/);
    const long = Array.from({ length: model.config.max_position_embeddings + 1 }, () => 1);
    expect(() => model.extend(long, new KeyValueCache(model.config, 1, long.length))).toThrow(/context/);
  });
});
