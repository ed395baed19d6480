import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "./rng.ts";
import { groupDuplicates, rowShortage, splitRows, splitSizes, synthSources } from "./splits.ts";

const seed = Uint8Array.from({ length: 32 }, (_, index) => 5 * index + 2);

function rows(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `row ${index}`);
}

describe("splitSizes", () => {
  it.each([
    [1, 1, 1, 0],
    [2, 1, 2, 1],
    [9, 1, 9, 8],
    [19, 1, 19, 18],
    [20, 2, 20, 18],
    [200, 20, 200, 180],
    [300, 30, 300, 270],
    [301, 30, 300, 271],
    [9_999, 999, 300, 9_000],
    [10_000, 1000, 300, 9_000],
    [123_456, 1000, 300, 122_456],
  ])("%d rows: TEST %d, SYNTH %d, TRAIN %d", (count, test, synth, train) => {
    expect(splitSizes(count)).toEqual({ test, synth, train });
  });

  it("floors exactly at multiples of ten", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (tens) => {
        expect(splitSizes(tens * 10).test).toBe(tens);
      }),
    );
  });

  it.each([0, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d rows", (count) => {
    expect(() => splitSizes(count)).toThrow(RangeError);
  });
});

describe("groupDuplicates", () => {
  it("puts rows together that differ in white space only", () => {
    expect(groupDuplicates(["a  b", "c", " a b\n", "a\tb", "ab"])).toEqual([[0, 2, 3], [1], [4]]);
  });
});

describe("rowShortage", () => {
  it.each([
    [300, 300, 200],
    [200, 200, 200],
    [30, 5, 0],
    [3, 3, 1],
  ])("finds nothing wrong with %d rows, %d distinct, minimum %d", (count, distinct, minimum) => {
    expect(rowShortage({ rows: count, distinct }, minimum)).toBeNull();
  });

  it.each([
    [199, 199, 200, 200],
    [1000, 150, 200, 200],
    [1000, 101, 0, 102],
    [2, 2, 0, 3],
    [0, 0, 0, 3],
  ])("tells %d rows, %d distinct, minimum %d that %d are needed", (count, distinct, minimum, needed) => {
    expect(rowShortage({ rows: count, distinct }, minimum)).toEqual({
      code: "TOO_FEW_ROWS",
      rows: count,
      distinct,
      needed,
      message: `needs at least ${needed} distinct rows, found ${distinct} among ${count}; add rows that differ`,
    });
  });

  it("asks for 200 distinct rows by default", () => {
    expect(rowShortage({ rows: 250, distinct: 199 })?.needed).toBe(200);
    expect(rowShortage({ rows: 250, distinct: 200 })).toBeNull();
  });
});

describe("splitRows", () => {
  it("puts every row of a dataset without duplicates into exactly one split", () => {
    const split = splitRows(rows(250), createRng(seed));
    expect(split.test).toHaveLength(25);
    expect(split.train).toHaveLength(225);
    expect(split.duplicatesRemoved).toBe(0);
    expect(split.distinct).toBe(250);
    expect([...split.test, ...split.train].toSorted((a, b) => a - b)).toEqual([...Array(250).keys()]);
  });

  it("takes one of each group into TEST and its copies out of TRAIN", () => {
    // Ten groups of three: TEST is 3 of 30 rows, so that 6 copies leave TRAIN.
    const keys = Array.from({ length: 30 }, (_, index) =>
      index % 2 === 0 ? `row ${index % 10}` : `row  ${index % 10} `,
    );
    const split = splitRows(keys, createRng(seed));
    expect(split).toMatchObject({ duplicatesRemoved: 6, distinct: 10 });
    expect(split.test).toHaveLength(3);
    expect(split.train).toHaveLength(21);
    expect(split.test.every((index) => index < 10)).toBe(true);
  });

  it("never lets TRAIN see a TEST row, loses no other row, and repeats itself for a seed", () => {
    const keys = fc.array(fc.nat(30).map(String), { minLength: 40, maxLength: 120 });
    fc.assert(
      fc.property(keys, fc.uint8Array({ minLength: 16, maxLength: 16 }), (given, bytes) => {
        const rngSeed = Uint8Array.of(1, ...bytes);
        fc.pre(rowShortage({ rows: given.length, distinct: new Set(given).size }, 0) === null);
        const split = splitRows(given, createRng(rngSeed));
        const held = new Set(split.test.map((index) => given[index]));
        expect(held.size).toBe(splitSizes(given.length).test);
        expect(split.train.some((index) => held.has(given[index]))).toBe(false);
        expect(split.test.length + split.train.length + split.duplicatesRemoved).toBe(given.length);
        expect(splitRows(given, createRng(rngSeed))).toEqual(split);
      }),
    );
  });

  it("holds out other rows for another seed", () => {
    const other = createRng(new Uint8Array(32).fill(9));
    expect(splitRows(rows(100), createRng(seed)).test).not.toEqual(splitRows(rows(100), other).test);
  });

  it.each([
    ["no rows", []],
    ["copies of one row", Array.from({ length: 300 }, () => "same")],
    ["two rows", ["a", "b"]],
  ])("refuses %s", (_, keys) => {
    expect(() => splitRows(keys, createRng(seed))).toThrow(RangeError);
  });
});

describe("synthSources", () => {
  it("rewrites each TEST row once where there are enough", () => {
    const sources = synthSources(1000, 300, createRng(seed));
    expect(sources).toHaveLength(300);
    expect(new Set(sources).size).toBe(300);
  });

  it("rewrites every TEST row equally often, give or take one, where there are too few", () => {
    const sources = synthSources(30, 100, createRng(seed));
    expect(sources).toHaveLength(100);
    const times = [...Map.groupBy(sources, (source) => source).values()].map((group) => group.length);
    expect(times).toHaveLength(30);
    expect(new Set(times)).toEqual(new Set([3, 4]));
  });

  it("makes nothing for an empty SYNTH and refuses an empty TEST", () => {
    expect(synthSources(5, 0, createRng(seed))).toEqual([]);
    expect(() => synthSources(0, 5, createRng(seed))).toThrow(RangeError);
  });
});
