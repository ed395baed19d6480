import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finalScore, finalScores } from "./final.ts";

describe("finalScore", () => {
  // Computed apart, with another language's math library.
  it.each([
    [1e-9, 0.023755035645561817],
    [0.1, 0.05110228501625044],
    [0.25, 0.13261209308986263],
    [0.5, 0.44122249025095234],
    [0.75, 0.6868198405355986],
    [1, 0.7442238968435095],
    [2, 0.7999992802473429],
  ])("of %d is %d (eq 14, 15)", (x, expected) => {
    expect(finalScore(x)).toBeCloseTo(expected, 12);
  });

  it.each([0, -0, -0.5, -1e308])("is 0 for %d", (x) => {
    expect(finalScore(x)).toBe(0);
  });

  it("grows with x", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (a, b) => {
        const [low, high] = a <= b ? [a, b] : [b, a];
        expect(finalScore(high)).toBeGreaterThanOrEqual(finalScore(low));
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuses %d", (x) => {
    expect(() => finalScore(x)).toThrow(RangeError);
  });
});

describe("finalScores", () => {
  it("measures everyone against the best", () => {
    const scores = finalScores({ a: 0.8, b: 0.4, c: 0, d: -1 });
    expect(scores["a"]).toBeCloseTo(0.7442238968435095, 12);
    expect(scores["b"]).toBeCloseTo(0.44122249025095234, 12);
    expect(scores["c"]).toBe(0);
    expect(scores["d"]).toBe(0);
  });

  it.each([[{}], [{ a: 0 }], [{ a: -2, b: -1 }]])("is 0 for all of %j", (temporal) => {
    expect(Object.values(finalScores(temporal)).every((score) => score === 0)).toBe(true);
  });

  it("refuses a score that is not finite", () => {
    expect(() => finalScores({ a: 1, b: Number.NaN })).toThrow(RangeError);
    expect(() => finalScores({ a: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  });
});
