import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScoredResult } from "./scoring/policy.ts";
import { scoringPolicy } from "./scoring/policies.ts";
import { computeWeightSet, toIntegerWeights, weightSet, weightSetText } from "./weight-set.ts";

function total(record: Readonly<Record<string, number>>): number {
  return Object.values(record).reduce((a, b) => a + b, 0);
}

const scores = fc.dictionary(
  fc.oneof(fc.string(), fc.nat(20).map(String), fc.constant("__proto__")),
  fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 5e-324, 1 / 3, 1e308)),
);

describe("weightSet", () => {
  it("shares out in proportion", () => {
    expect(weightSet({ a: 3, b: 1, c: 0 })).toEqual({ a: 0.75, b: 0.25, c: 0 });
  });

  it("multiplies by trust, which is 1 where it is absent", () => {
    expect(weightSet({ a: 1, b: 1, c: 1 }, { a: 0, b: 0.5, stranger: 9 })).toEqual({ a: 0, b: 1 / 3, c: 2 / 3 });
  });

  it.each([
    [{}, {}],
    [{ a: 0, b: 0 }, {}],
    [{ a: -1, b: 0 }, {}],
    [
      { a: 1, b: 2 },
      { a: 0, b: 0 },
    ],
    [{ a: -1 }, { a: -1 }],
  ])("pays nobody for %j with trust %j", (final, trust) => {
    expect(weightSet(final, trust)).toEqual(Object.fromEntries(Object.keys(final).map((id) => [id, 0])));
  });

  it("counts a negative score as 0", () => {
    expect(weightSet({ a: 1, b: -3 })).toEqual({ a: 1, b: 0 });
  });

  it("stands scores whose sum overflows", () => {
    expect(weightSet({ a: 1e308, b: 1e308 })).toEqual({ a: 0.5, b: 0.5 });
  });

  it("sums to 1 or to 0, keeps the ids, and doesn't depend on the order of keys", () => {
    fc.assert(
      fc.property(scores, (final) => {
        const weights = weightSet(final);
        expect(Object.keys(weights).toSorted()).toEqual(Object.keys(final).toSorted());
        expect(total(weights)).toBeCloseTo(Object.values(final).some((score) => score > 0) ? 1 : 0, 9);
        expect(weightSet(Object.fromEntries(Object.entries(final).reverse()))).toEqual(weights);
      }),
    );
  });

  it.each([
    [{ a: Number.NaN }, {}],
    [{ a: Number.POSITIVE_INFINITY }, {}],
    [{ a: 1 }, { a: Number.NaN }],
  ])("refuses %j with trust %j", (final, trust) => {
    expect(() => weightSet(final, trust)).toThrow(RangeError);
  });
});

describe("toIntegerWeights", () => {
  it("gives what is left over to the largest remainders, equal ones by id", () => {
    expect(toIntegerWeights({ c: 1 / 3, b: 1 / 3, a: 1 / 3 })).toEqual({ a: 333333334, b: 333333333, c: 333333333 });
    expect(toIntegerWeights({ a: 0.46, b: 0.47, c: 0.07 }, 10)).toEqual({ a: 4, b: 5, c: 1 });
  });

  it("stays all zero for an empty set", () => {
    expect(toIntegerWeights({ a: 0, b: 0 })).toEqual({ a: 0, b: 0 });
    expect(toIntegerWeights({})).toEqual({});
  });

  it("sums to exactly 1e9, each within one unit of its share, and nothing for nothing", () => {
    fc.assert(
      fc.property(scores, (final) => {
        const weights = weightSet(final);
        const integers = toIntegerWeights(weights);
        const positive = Object.values(final).some((score) => score > 0);
        expect(total(integers)).toBe(positive ? 1_000_000_000 : 0);
        for (const [id, integer] of Object.entries(integers)) {
          const share = Object.hasOwn(weights, id) ? (weights[id] ?? Number.NaN) : Number.NaN;
          expect(Number.isInteger(integer)).toBe(true);
          expect(Math.abs(integer - share * 1e9)).toBeLessThan(1.001);
          expect(integer === 0 || share > 0).toBe(true);
        }
      }),
    );
  });
});

describe("computeWeightSet", () => {
  const results: ScoredResult[] = [
    { id: "a", taskId: "t1", taskType: "x", origin: "ORGANIC", taskScore: 3, taskWeight: 2, window: 1 },
    { id: "b", taskId: "t2", taskType: "x", origin: "SYNTHETIC", taskScore: 3, taskWeight: 1, window: 3 },
    { id: "c", taskId: "t3", taskType: "x", origin: "ORGANIC", taskScore: 3, taskWeight: 4, window: 7 },
    { id: "a", taskId: "t3", taskType: "x", origin: "ORGANIC", taskScore: -1, taskWeight: 2, window: 7 },
  ];

  it("goes from scored results to integers per 1e9", () => {
    const set = computeWeightSet(results);
    expect(set).toMatchObject({ policy: "paper", empty: false });
    expect(set.weights["a"]).toBeCloseTo(0.5062899425439006, 12);
    expect(set.weights["b"]).toBeCloseTo(0.1501598492690765, 12);
    expect(set.weights["c"]).toBeCloseTo(0.3435502081870229, 12);
    // Remainders .5439, .2691, .1870: the one unit that is left goes to a.
    expect(set.integerWeights).toEqual({ a: 506289943, b: 150159849, c: 343550208 });
  });

  it("is marked as empty where nobody has a positive score", () => {
    const set = computeWeightSet(results.map((result) => ({ ...result, taskScore: -1 })));
    expect(set).toMatchObject({ empty: true, weights: { a: 0, b: 0, c: 0 }, integerWeights: { a: 0, b: 0, c: 0 } });
    expect(computeWeightSet([])).toMatchObject({ empty: true, weights: {}, integerWeights: {} });
  });

  it("uses the policy and the trust that it is given", () => {
    const policy = scoringPolicy("original-2025-06");
    const set = computeWeightSet(results, { policy, trust: { a: 0 } });
    expect(set.policy).toBe("original-2025-06");
    expect(set.weights["a"]).toBe(0);
    expect(total(set.weights)).toBeCloseTo(1, 12);
  });

  it("has the same text whatever the order of results, and another one for another input", () => {
    const set = computeWeightSet(results);
    const text = weightSetText(results, set);
    expect(weightSetText(results.toReversed(), computeWeightSet(results.toReversed()))).toBe(text);
    expect(JSON.parse(text)).toMatchObject({ policy: "paper", integerWeights: { a: 506289943 } });
    expect(weightSetText(results, set, { trust: { a: 0.5 } })).not.toBe(text);
    expect(weightSetText(results.slice(1), set)).not.toBe(text);
  });
});
