import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  AdamW,
  backward,
  batch,
  begin,
  createLlama,
  createLlamaConfig,
  createRng,
  initWeights,
  type Llama,
  mark,
  noGrad,
  release,
  seed,
  weightsDigest,
} from "../../evaluators/embedded/engine/index.ts";
import { floats, kernels, mark as heap } from "../../evaluators/embedded/engine/memory.ts";
import { param } from "../../evaluators/embedded/engine/tensor.ts";
import { buildKernels } from "../../scripts/build-kernels.ts";
import { temporaryFolder } from "./tiny-base.ts";

const config = createLlamaConfig({
  vocab_size: 61,
  hidden_size: 32,
  intermediate_size: 44,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 40,
});

function randomExamples(count: number) {
  const rng = createRng(7);
  return Array.from({ length: count }, (_, i) => {
    const ids = Array.from({ length: 9 + ((i * 5) % 13) }, () => rng.below(config.vocab_size));
    return { ids, counts: ids.map((_id, position) => position >= 4) };
  });
}

function trainSteps(model: Llama, steps: number): void {
  const optimizer = new AdamW(model.trainable);
  const start = mark();
  for (let step = 0; step < steps; step++) {
    const { ids, targets, length, counted } = batch(randomExamples(6));
    begin();
    const losses = model.tokenNll(ids, targets, 6, length);
    seed(losses, new Float32Array(losses.size).fill(1 / counted));
    backward();
    optimizer.step();
    release(start);
  }
}

describe("the committed kernels", () => {
  it("are what their sources compile to, byte for byte, without threads or relaxed SIMD", () => {
    using folder = temporaryFolder();
    const [rebuilt, text] = [join(folder.path, "kernels.wasm"), join(folder.path, "kernels.wat")];
    buildKernels(rebuilt, ["--textFile", text]);
    const committed = join(import.meta.dirname, "..", "..", "evaluators", "embedded", "kernels.wasm");
    expect(readFileSync(rebuilt).equals(readFileSync(committed))).toBe(true);
    expect(readFileSync(text, "utf8")).not.toMatch(/relaxed|atomic|shared/);
  });

  it("turn 20 steps of training into one known set of bits", () => {
    const model = createLlama(config, initWeights(config, 11));
    trainSteps(model, 20);
    expect(weightsDigest(model.weights())).toBe("38143a55ed150b31af4faa3156fc1ea48daaca201dad22e291bf39907866fabf");
  });
});

describe("the matrix product", () => {
  const layouts = ["plain", "right transposed", "left transposed"] as const;
  const sides = [
    [1, 1, 1],
    [6, 8, 4],
    [7, 9, 5],
    [97, 33, 300],
    [5, 1030, 3],
  ] as const;

  it.each(layouts.flatMap((layout) => sides.map((side) => ({ layout, side }))))(
    "is right for $layout matrices of $side",
    ({ layout, side: [rows, columns, depth] }) => {
      const rng = createRng(rows * columns + depth);
      const draw = (size: number): number[] => Array.from({ length: size }, () => rng.next() - 0.5);
      const a = draw(rows * depth);
      const b = draw(depth * columns);
      const c = draw(rows * columns);
      const [aRow, aColumn] = layout === "left transposed" ? [1, rows] : [depth, 1];
      const [bRow, bColumn] = layout === "right transposed" ? [1, depth] : [columns, 1];
      const start = heap();
      const [left, right, target] = [param([a.length], a), param([b.length], b), param([c.length], c)];
      kernels.gemm(
        rows,
        columns,
        depth,
        left.address,
        aRow,
        aColumn,
        right.address,
        bRow,
        bColumn,
        target.address,
        columns,
        1,
      );
      const found = floats(target.address, c.length);
      let worst = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = c[i * columns + j] ?? NaN;
          for (let p = 0; p < depth; p++)
            sum += (a[i * aRow + p * aColumn] ?? NaN) * (b[p * bRow + j * bColumn] ?? NaN);
          worst = Math.max(worst, Math.abs(sum - (found[i * columns + j] ?? NaN)));
        }
      }
      release(start);
      expect(worst).toBeLessThan(1e-5);
    },
  );
});

describe("a row's loss", () => {
  const model = createLlama(config, initWeights(config, 5), { train: "none" });
  const lossesOf = (rows: ReturnType<typeof randomExamples>): number[][] => {
    const { ids, targets, length } = batch(rows);
    const nll = noGrad(() => model.tokenNll(ids, targets, rows.length, length)).data.slice();
    return rows.map((row, i) => [...nll.subarray(i * length, i * length + row.ids.length - 1)]);
  };

  it("has the same bits alone and beside longer rows", () => {
    const rows = randomExamples(5);
    expect(lossesOf(rows)).toEqual(rows.flatMap((row) => lossesOf([row])));
  });
});

describe("the gradient", () => {
  const loss = (model: Llama, seeds: readonly number[]): number => {
    const start = mark();
    const { ids, targets, length } = batch(randomExamples(2));
    const nll = noGrad(() => model.tokenNll(ids, targets, 2, length)).data;
    const sum = nll.reduce((total, value, i) => total + value * (seeds[i] ?? 0), 0);
    release(start);
    return sum;
  };

  it("predicts how the loss changes along a random direction of every tensor", () => {
    const lively = new Map(
      [...initWeights(config, 2)].map(([name, { shape, data }]) => [
        name,
        { shape, data: shape.length > 1 ? data.map((value) => value * 8) : data },
      ]),
    );
    const model = createLlama(config, lively);
    const rng = createRng(1);
    const { ids, targets, length } = batch(randomExamples(2));
    const seeds = Array.from({ length: targets.length }, () => rng.normal());
    const start = mark();
    begin();
    seed(model.tokenNll(ids, targets, 2, length), seeds);
    backward();
    release(start);

    const errors = [...model.tensors].map(([name, tensor]) => {
      const direction = Float32Array.from({ length: tensor.size }, () => rng.normal());
      const original = tensor.data.slice();
      const step = 8e-3 / Math.sqrt(tensor.size);
      const at = (distance: number): number => {
        tensor.data.set(original.map((value, i) => value + distance * step * (direction[i] ?? 0)));
        return loss(model, seeds);
      };
      const slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
      tensor.data.set(original);
      const predicted = tensor.gradient.reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);
      return { name, error: Math.abs(slope - predicted) / (Math.abs(predicted) + 0.1) };
    });
    expect(errors.filter(({ error }) => !(error < 2e-2))).toEqual([]);
  });
});
