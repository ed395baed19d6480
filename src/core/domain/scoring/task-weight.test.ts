import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adjustedScore, taskWeight } from "./task-weight.ts";

describe("taskWeight", () => {
  it.each([
    [1, 1, 2],
    [1, 4, 4],
    [7, 3, 9.16515138991168],
    [70, 10, 52.91502622129181],
    [0.25, 1, 1],
    [0.07, 1, 1],
    [0.0005, 0.01, 1],
    [0, 5, 1],
    [5, 0, 1],
  ])("%d billion parameters for %d hours weigh %d (eq 12)", (billions, hours, weight) => {
    expect(taskWeight(billions, hours)).toBeCloseTo(weight, 12);
  });

  it("is at least 1 and never falls with size or time", () => {
    const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, (billions, hours, more) => {
        expect(taskWeight(billions, hours)).toBeGreaterThanOrEqual(1);
        expect(taskWeight(billions + more, hours)).toBeGreaterThanOrEqual(taskWeight(billions, hours));
        expect(taskWeight(billions, hours + more)).toBeGreaterThanOrEqual(taskWeight(billions, hours));
      }),
    );
  });

  it.each([
    [-1, 1],
    [1, -1],
    [Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY],
  ])("refuses (%d, %d)", (billions, hours) => {
    expect(() => taskWeight(billions, hours)).toThrow(RangeError);
  });
});

describe("adjustedScore", () => {
  it("multiplies score and weight", () => {
    expect(adjustedScore(3, 4)).toBe(12);
    expect(adjustedScore(-1, 2.5)).toBe(-2.5);
  });
});
