import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "./rng.ts";
import { drawMiners, poolSize, positionProbability, rankMiners, selectionWeights } from "./selection.ts";

const seed = Uint8Array.from({ length: 32 }, (_, index) => 11 * index + 3);

function scripted(...draws: number[]): { rng: () => number; used: () => number } {
  let used = 0;
  return { rng: () => draws[used++] ?? Number.NaN, used: () => used };
}

describe("selectionWeights", () => {
  it("gives 2 to who was not assigned today, else the average but at least 0.01, in input order", () => {
    const weights = selectionWeights([
      { id: "z", assignedToday: true, averageScore: 0.5 },
      { id: "fresh", assignedToday: false, averageScore: 3 },
      { id: "a", assignedToday: true, averageScore: -1 },
      { id: "best", assignedToday: true, averageScore: 3 },
      { id: "new", assignedToday: true, averageScore: 0 },
    ]);
    expect(weights).toEqual([
      { id: "z", weight: 0.5 },
      { id: "fresh", weight: 2 },
      { id: "a", weight: 0.01 },
      { id: "best", weight: 3 },
      { id: "new", weight: 0.01 },
    ]);
  });

  it("has nothing to say about no miners", () => {
    expect(selectionWeights([])).toEqual([]);
  });

  it("refuses an average that is not finite", () => {
    expect(() => selectionWeights([{ id: "a", assignedToday: true, averageScore: Number.NaN }])).toThrow(
      "the average score of a must be a finite number, found NaN",
    );
  });
});

describe("positionProbability", () => {
  it.each([
    [1, 1, 3],
    [1, 4, 3],
    [2, 4, 2.5],
    [3, 4, 2],
    [4, 4, 1.5],
    [10, 10, 1.2],
  ])("rank %d of %d weighs %d (eq 2)", (rank, count, weight) => {
    expect(positionProbability(rank, count)).toBeCloseTo(weight, 12);
  });

  it("falls with the rank and stays above 1", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5000 }), (count) => {
        expect(positionProbability(count, count)).toBeGreaterThan(1);
        expect(positionProbability(count, count)).toBeLessThan(positionProbability(count - 1, count));
      }),
    );
  });

  it.each([
    [0, 4],
    [5, 4],
    [1.5, 4],
    [-1, 4],
    [Number.NaN, 4],
    [1, 0],
    [1, Number.POSITIVE_INFINITY],
    [1, 2.5],
  ])("refuses rank %d of %d", (rank, count) => {
    expect(() => positionProbability(rank, count)).toThrow(RangeError);
  });
});

describe("rankMiners", () => {
  const weighted = fc.uniqueArray(fc.record({ id: fc.string(), weight: fc.constantFrom(0.01, 0.5, 2, 3) }), {
    selector: ({ id }) => id,
  });

  it("ranks by weight, heaviest first", () => {
    const miners = [
      { id: "light", weight: 0.01 },
      { id: "heavy", weight: 3 },
      { id: "middle", weight: 2 },
    ];
    expect(rankMiners(miners, createRng(seed))).toEqual(["heavy", "middle", "light"]);
  });

  it("orders ties by the generator alone, whatever the order of arrival", () => {
    fc.assert(
      fc.property(weighted, fc.nat(), (miners, turn) => {
        const turned = miners.map((_, index) => miners[(index + turn) % miners.length] ?? { id: "", weight: 0 });
        const ranked = rankMiners(miners, createRng(seed));
        expect(rankMiners(turned, createRng(seed))).toEqual(ranked);
        const weights = ranked.map((id) => miners.find((miner) => miner.id === id)?.weight ?? Number.NaN);
        expect(weights).toEqual(weights.toSorted((a, b) => b - a));
      }),
    );
  });

  it("lets every one of equals come first about equally often", () => {
    const rng = createRng(seed);
    const equals = ["a", "b", "c", "d"].map((id) => ({ id, weight: 2 }));
    const firsts = Map.groupBy(
      Array.from({ length: 4000 }, () => rankMiners(equals, rng)[0]),
      (id) => id,
    );
    for (const times of firsts.values()) expect(Math.abs(times.length - 1000)).toBeLessThan(150);
    expect(firsts.size).toBe(4);
  });

  it("refuses a weight that is not a number", () => {
    expect(() => rankMiners([{ id: "a", weight: Number.NaN }], createRng(seed))).toThrow(RangeError);
  });
});

describe("drawMiners", () => {
  it("walks the cumulative sum from the front, with the first weights renormalised over those left", () => {
    // n = 4: p = 3, 2.5, 2, 1.5, sum 9. 0.5·9 = 4.5 lies in b (3..5.5). Left a, c, d: 6.5; 0.5·6.5 = 3.25 lies in c (3..5).
    // Left a, d: 4.5; 0·4.5 = 0 lies in a.
    const { rng, used } = scripted(0.5, 0.5, 0);
    expect(drawMiners(["a", "b", "c", "d"], 3, rng)).toEqual(["b", "c", "a"]);
    expect(used()).toBe(3);
  });

  it.each([
    [0, "a"],
    [0.333, "a"],
    [0.334, "b"],
    [0.61, "b"],
    [0.612, "c"],
    [0.999, "d"],
  ])("draws first with %d: %s", (draw, id) => {
    expect(drawMiners(["a", "b", "c", "d"], 1, () => draw)).toEqual([id]);
  });

  it.each([2, 3, 100, Number.POSITIVE_INFINITY])("takes all of two as ranked, without a draw, for k = %d", (k) => {
    const { rng, used } = scripted();
    expect(drawMiners(["b", "a"], k, rng)).toEqual(["b", "a"]);
    expect(used()).toBe(0);
  });

  it("takes nobody from nobody, and nobody for k = 0", () => {
    expect(drawMiners([], 8, Math.random)).toEqual([]);
    expect(drawMiners(["a"], 0, Math.random)).toEqual([]);
  });

  it("draws k different miners of the field, the same ones again from the same seed", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), fc.nat(40), (ranked, k) => {
        const drawn = drawMiners(ranked, k, createRng(seed));
        expect(drawn).toHaveLength(Math.min(k, ranked.length));
        expect(new Set(drawn).size).toBe(drawn.length);
        expect(drawn.every((id) => ranked.includes(id))).toBe(true);
        expect(drawMiners(ranked, k, createRng(seed))).toEqual(drawn);
      }),
    );
  });

  it("draws the first rank about three halves as often as the last of two", () => {
    const rng = createRng(seed);
    const firsts = Array.from({ length: 5000 }, () => drawMiners(["a", "b"], 1, rng)[0]);
    expect(firsts.filter((id) => id === "a").length / 5000).toBeCloseTo(3 / 5, 1);
  });

  it.each([-1, 0.5, Number.NaN])("refuses k = %d", (k) => {
    expect(() => drawMiners(["a", "b"], k, () => 0)).toThrow(RangeError);
  });
});

describe("poolSize", () => {
  it.each([
    [0, 8],
    [0.5, 12],
    [0.999999, 15],
  ])("maps the draw %d to %d of 8..15", (draw, size) => {
    expect(poolSize({ min: 8, max: 15 }, () => draw)).toBe(size);
  });

  it.each([
    { min: 0, max: 3 },
    { min: 4, max: 3 },
    { min: 1, max: 2.5 },
  ])("refuses the range %j", (range) => {
    expect(() => poolSize(range, () => 0)).toThrow(RangeError);
  });
});
