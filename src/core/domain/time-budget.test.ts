import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "./rng.ts";
import { delayedBudgetSeconds, drawTimeBudgetSeconds, timeBudgetHours } from "./time-budget.ts";

describe("timeBudgetHours", () => {
  it.each([
    [0, 1, 3],
    [9_999, 1, 3],
    [10_000, 3, 6],
    [24_999, 3, 6],
    [25_000, 4, 8],
    [49_999, 4, 8],
    [50_000, 5, 9],
    [99_999, 5, 9],
    [100_000, 7, 10],
    [499_999, 7, 10],
    [500_000, 7, 10],
    [1e12, 7, 10],
  ])("gives %d rows %d to %d hours", (rows, min, max) => {
    expect(timeBudgetHours(rows)).toEqual([min, max]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d rows", (rows) => {
    expect(() => timeBudgetHours(rows)).toThrow(RangeError);
  });
});

describe("drawTimeBudgetSeconds", () => {
  it.each([
    [0, 3600],
    [0.5, 7200],
    [0.25, 5400],
  ])("maps the draw %d to %d seconds of 1 to 3 hours", (draw, seconds) => {
    expect(drawTimeBudgetSeconds([1, 3], () => draw)).toBe(seconds);
  });

  it("stays between its ends, also for budgets of a few seconds", () => {
    const rng = createRng(new Uint8Array(32).fill(5));
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true }), (a, b) => {
        const [min, max] = a <= b ? [a, b] : [b, a];
        const seconds = drawTimeBudgetSeconds([min, max], rng);
        expect(seconds).toBeGreaterThanOrEqual(min * 3600);
        expect(seconds).toBeLessThanOrEqual(max * 3600);
      }),
    );
  });

  it.each([
    [3, 1],
    [-1, 1],
    [0, Number.POSITIVE_INFINITY],
    [Number.NaN, 1],
  ])("refuses %d to %d hours", (min, max) => {
    expect(() => drawTimeBudgetSeconds([min, max], () => 0)).toThrow(RangeError);
  });
});

describe("delayedBudgetSeconds", () => {
  it.each([
    [3600, 0, 900, 3600],
    [3600, 2, 900, 5400],
    [20, 6, 0.5, 23],
    [0, 3, 0, 0],
  ])("extends %d s by %d delays of %d s to %d s", (initial, delays, step, expected) => {
    expect(delayedBudgetSeconds(initial, delays, step)).toBe(expected);
  });

  it.each([
    [-1, 0, 900],
    [3600, -1, 900],
    [3600, 1.5, 900],
    [3600, 1, -900],
    [Number.NaN, 1, 900],
    [3600, 1, Number.POSITIVE_INFINITY],
  ])("refuses (%d, %d, %d)", (initial, delays, step) => {
    expect(() => delayedBudgetSeconds(initial, delays, step)).toThrow(RangeError);
  });
});
