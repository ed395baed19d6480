import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differenceStandardError, mean, populationStandardDeviation, standardError, sum } from "./statistics.ts";

const finite = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2 });

describe("sum", () => {
  it("adds from left to right in float64", () => {
    expect(sum([1e16, 1, -1e16])).toBe(0);
    expect(sum([1e16, -1e16, 1])).toBe(1);
    expect(sum([])).toBe(0);
  });
});

describe("mean", () => {
  it("divides by the number of values", () => {
    expect(mean([1, 2, 6])).toBe(3);
  });

  it("is not defined for nothing", () => {
    expect(() => mean([])).toThrow(RangeError);
  });
});

describe("populationStandardDeviation", () => {
  it("divides by n", () => {
    expect(populationStandardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2);
    expect(populationStandardDeviation([5])).toBe(0);
  });

  it("doesn't change when all values move together", () => {
    fc.assert(
      fc.property(finite, (values) => {
        const moved = values.map((value) => value + 1000);
        expect(populationStandardDeviation(moved)).toBeCloseTo(populationStandardDeviation(values), 6);
      }),
    );
  });

  it("is not defined for nothing", () => {
    expect(() => populationStandardDeviation([])).toThrow(RangeError);
  });
});

describe("standardError", () => {
  it("comes from the sample variance", () => {
    // variance 32/7, divided by 8
    expect(standardError([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(4 / 7), 12);
  });

  it("is infinite for one value and 0 for equal ones", () => {
    expect(standardError([3])).toBe(Number.POSITIVE_INFINITY);
    expect(standardError([3, 3, 3])).toBe(0);
  });
});

describe("differenceStandardError", () => {
  it("adds the two errors in quadrature", () => {
    const left = [0, 6]; // standard error 3
    const right = [0, 8]; // standard error 4
    expect(differenceStandardError(left, right)).toBeCloseTo(5, 12);
  });

  it("is infinite where either side has one value only", () => {
    expect(differenceStandardError([1, 2, 3], [1])).toBe(Number.POSITIVE_INFINITY);
  });
});
