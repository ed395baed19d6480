import { describe, expect, it } from "vitest";
import type { Demo, Place } from "./demo-file.ts";
import { demoMiners, fieldSizes } from "./field.ts";
import type { Role } from "./roles.ts";

const trainer = (learningRate: number, steps = 100): Role => ({
  kind: "trainer",
  strategy: { method: "full", learningRate, batchSize: 8, steps, warmup: 10, schedule: "cosine" },
});
const aDemo = (kind: string, places: readonly Place[]): Demo => ({
  kind,
  isDefault: false,
  taskFile: "task.json",
  lossUnit: "nats",
  trainer: null,
  places,
});

const words = aDemo("words", [
  { name: "ada", role: trainer(1) },
  { name: "copycat", role: { kind: "copier", of: "ada" } },
  { name: "ben", role: trainer(2) },
]);
const pictures = aDemo("pictures", [
  { name: "ben", role: trainer(3) },
  { name: "ada", role: trainer(4) },
]);

describe("the miners of a demo", () => {
  it("are one miner where they have one name, with a role for each kind", () => {
    const miners = demoMiners([words, pictures], { miners: null, steps: null });
    expect(miners.map(({ name, roles }) => [name, Object.fromEntries(roles)])).toEqual([
      ["ada", { words: trainer(1), pictures: trainer(4) }],
      ["copycat", { words: { kind: "copier", of: "ada" } }],
      ["ben", { words: trainer(2), pictures: trainer(3) }],
    ]);
    expect(fieldSizes([words, pictures], miners)).toEqual([3, 2]);
  });

  it("are the first ones of each demo where fewer are asked for", () => {
    const miners = demoMiners([words, pictures], { miners: 1, steps: null });
    expect(miners.map(({ name, roles }) => [name, [...roles.keys()]])).toEqual([
      ["ada", ["words"]],
      ["ben", ["pictures"]],
    ]);
  });

  it("are joined by trainers of the same strategies where more are asked for", () => {
    const miners = demoMiners([words], { miners: 6, steps: null });
    expect(miners.map(({ name }) => name)).toEqual(["ada", "copycat", "ben", "ada-2", "ben-2", "ada-3"]);
    expect(miners.at(-1)?.roles.get("words")).toEqual(trainer(1));
  });

  it("train for as many steps as are asked for, with a warm-up that fits", () => {
    const [ada] = demoMiners([words], { miners: 1, steps: 20 });
    expect(ada?.roles.get("words")).toMatchObject({ strategy: { steps: 20, warmup: 2 } });
  });
});
