import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng, createWordRng, drawIndex, integerInRange, shuffle } from "./rng.ts";

function words(...state: [number, number, number, number]): Uint8Array {
  const seed = new Uint8Array(32);
  state.forEach((word, index) => new DataView(seed.buffer).setUint32(index * 4, word, true));
  return seed;
}

const counting = Uint8Array.from({ length: 32 }, (_, index) => index);
const seeds = fc
  .uint8Array({ minLength: 16, maxLength: 32 })
  .filter((seed) => seed.subarray(0, 16).some((byte) => byte > 0));

describe("createWordRng", () => {
  // Recorded from the authors' xoshiro128starstar.c (version 1.1), compiled with gcc.
  it("gives the reference outputs from the state 1, 2, 3, 4", () => {
    const next = createWordRng(words(1, 2, 3, 4));
    expect(Array.from({ length: 12 }, next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804, 337829053,
      2142557243,
    ]);
  });

  it("reads the first 16 bytes as little-endian words", () => {
    const next = createWordRng(counting);
    expect(Array.from({ length: 8 }, next)).toEqual([
      124836505, 3156578125, 2270891520, 2401556266, 1551397785, 3265571350, 1869022106, 106310901,
    ]);
  });

  it("gives the reference outputs from a state of ones only", () => {
    const next = createWordRng(words(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff));
    expect(Array.from({ length: 4 }, next)).toEqual([4294962679, 4294962679, 4292019319, 2943360]);
  });

  it("reads a seed that is a view into a larger buffer", () => {
    const buffer = new Uint8Array(40);
    buffer.set(counting, 5);
    expect(createWordRng(buffer.subarray(5, 37))()).toBe(124836505);
  });

  it.each([
    ["a short seed", new Uint8Array(15).fill(1)],
    ["no seed", new Uint8Array(0)],
    ["the dead state", new Uint8Array(32).fill(1, 16)],
  ])("refuses %s", (_, seed) => {
    expect(() => createWordRng(seed)).toThrow(RangeError);
  });
});

describe("createRng", () => {
  it("puts 27 and 26 bits of two outputs together", () => {
    const rng = createRng(counting);
    expect(Array.from({ length: 4 }, rng)).toEqual([
      0.029065763465673577, 0.52873313843575032, 0.3612129446888348, 0.43516561407411414,
    ]);
  });

  it("gives the same numbers for the same seed, all in [0, 1)", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const first = Array.from({ length: 20 }, createRng(seed));
        expect(Array.from({ length: 20 }, createRng(seed))).toEqual(first);
        expect(first.every((value) => value >= 0 && value < 1)).toBe(true);
      }),
    );
  });

  it("has a mean near one half and a variance near one twelfth", () => {
    const values = Array.from({ length: 20_000 }, createRng(counting));
    const centre = values.reduce((a, b) => a + b, 0) / values.length;
    const spread = values.reduce((a, b) => a + (b - centre) ** 2, 0) / values.length;
    expect(centre).toBeCloseTo(0.5, 2);
    expect(spread).toBeCloseTo(1 / 12, 2);
  });
});

describe("integerInRange", () => {
  it("reaches both ends and nothing else", () => {
    const rng = createRng(counting);
    const drawn = Array.from({ length: 500 }, () => integerInRange(8, 15, rng));
    expect(new Set(drawn)).toEqual(new Set([8, 9, 10, 11, 12, 13, 14, 15]));
  });

  it.each([
    [3, 2],
    [0.5, 2],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
  ])("refuses the range %d..%d", (min, max) => {
    expect(() => integerInRange(min, max, () => 0)).toThrow(RangeError);
  });
});

describe("shuffle", () => {
  it("swaps from the end, one draw per item but the first", () => {
    let draws = 0;
    const alwaysFirst = () => ((draws += 1), 0);
    expect(shuffle(["a", "b", "c", "d"], alwaysFirst)).toEqual(["b", "c", "d", "a"]);
    expect(draws).toBe(3);
  });

  it("keeps every item and leaves its input alone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), seeds, (items, seed) => {
        const before = [...items];
        const shuffled = shuffle(items, createRng(seed));
        expect(items).toEqual(before);
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
    );
  });

  it("gives every order of three about equally often", () => {
    const rng = createRng(counting);
    const orders = Map.groupBy(
      Array.from({ length: 6000 }, () => shuffle(["a", "b", "c"], rng).join("")),
      (order) => order,
    );
    expect(orders.size).toBe(6);
    for (const times of orders.values()) expect(Math.abs(times.length - 1000)).toBeLessThan(150);
  });
});

describe("drawIndex", () => {
  it.each([
    [0, 0],
    [0.2499, 0],
    [0.25, 2],
    [0.9999, 2],
  ])("maps the draw %d to index %d of weights 1, 0, 3, 0", (draw, index) => {
    expect(drawIndex([1, 0, 3, 0], () => draw)).toBe(index);
  });

  it("never draws a weight of zero, even from a generator that returns 1", () => {
    expect(drawIndex([1, 3, 0], () => 1)).toBe(1);
  });

  it.each([[[]], [[0, 0]], [[1, -1]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]]])(
    "refuses the weights %j",
    (weights) => {
      expect(() => drawIndex(weights, () => 0)).toThrow(RangeError);
    },
  );
});
