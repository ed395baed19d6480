import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beatsBase, improvement, weightedImageLoss, weightedTextLoss } from "./losses.ts";

const loss = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("weightedTextLoss", () => {
  it.each([
    [1, 2, 1.3],
    [2, 1, 1.7],
    [0, 0, 0],
    [-0.5, -1, -0.65],
  ])("weighs test %d and synth %d as %d", (test, synth, weighted) => {
    expect(weightedTextLoss(test, synth)).toBeCloseTo(weighted, 12);
  });

  it("is the test loss where the task has no SYNTH", () => {
    expect(weightedTextLoss(1.25, null)).toBe(1.25);
  });

  it("stays between its parts and grows with each of them", () => {
    fc.assert(
      fc.property(loss, loss, (test, synth) => {
        const weighted = weightedTextLoss(test, synth);
        expect(weighted).toBeGreaterThanOrEqual(Math.min(test, synth) - 1e-9);
        expect(weighted).toBeLessThanOrEqual(Math.max(test, synth) + 1e-9);
        expect(weightedTextLoss(test + 1, synth)).toBeGreaterThan(weighted);
        expect(weightedTextLoss(test, synth + 1)).toBeGreaterThan(weighted);
      }),
    );
  });

  it.each([
    [Number.NaN, 1],
    [1, Number.NaN],
    [Number.POSITIVE_INFINITY, 1],
    [1, Number.NEGATIVE_INFINITY],
  ])("is not finite for %d and %d", (test, synth) => {
    expect(Number.isFinite(weightedTextLoss(test, synth))).toBe(false);
  });
});

describe("weightedImageLoss", () => {
  it("counts the captioned loss a quarter", () => {
    expect(weightedImageLoss(1, 2)).toBe(1.75);
    expect(weightedImageLoss(0.04, 0)).toBe(0.01);
  });

  it("is not finite where a part is not", () => {
    expect(Number.isFinite(weightedImageLoss(Number.NaN, 1))).toBe(false);
    expect(Number.isFinite(weightedImageLoss(1, Number.POSITIVE_INFINITY))).toBe(false);
  });
});

describe("improvement", () => {
  it.each([
    [2, 1.5, 0.25],
    [2, 3, -0.5],
    [-1, -1.5, 0.5],
    [2, 2, 0],
  ])("of base %d to %d is %d", (base, value, expected) => {
    expect(improvement(base, value)).toBe(expected);
  });

  it("means nothing for a base within 1e-12 of zero", () => {
    expect(improvement(0, 1)).toBeNull();
    expect(improvement(-9e-13, 1)).toBeNull();
    expect(improvement(1e-12, 0)).toBe(1);
  });

  it("refuses losses that are not finite", () => {
    expect(() => improvement(Number.NaN, 1)).toThrow(RangeError);
    expect(() => improvement(1, Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});

describe("beatsBase", () => {
  it.each([
    [0.9, 1, 0, true],
    [1, 1, 0, false],
    [0.9999995, 1, 1e-6, false],
    [0.999, 1, 1e-6, true],
    [-2, -1, 0.5, true],
    [Number.NaN, 1, 0, false],
  ])("loss %d, base %d, tolerance %d: %s", (value, base, tolerance, expected) => {
    expect(beatsBase(value, base, tolerance)).toBe(expected);
  });

  it("asks for a strictly lower loss by default", () => {
    expect(beatsBase(1, 1)).toBe(false);
  });

  it("refuses a base that is not finite and a negative tolerance", () => {
    expect(() => beatsBase(1, Number.NaN)).toThrow(RangeError);
    expect(() => beatsBase(1, 1, -1e-9)).toThrow(RangeError);
  });
});
