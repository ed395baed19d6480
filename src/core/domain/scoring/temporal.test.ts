import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeWindow, temporalScores, temporalScoresByWindow, windowOf, windowScores } from "./temporal.ts";

describe("windowOf", () => {
  it.each([
    [0, 1],
    [1, 1],
    [1.0001, 3],
    [3, 3],
    [3.5, 7],
    [7, 7],
    [7.0001, null],
    [-0.0001, null],
    [Number.POSITIVE_INFINITY, null],
  ])("puts an age of %d days into the window of %s", (age, window) => {
    expect(windowOf(age)).toBe(window);
  });

  it("refuses NaN", () => {
    expect(() => windowOf(Number.NaN)).toThrow(RangeError);
  });
});

describe("normalizeWindow", () => {
  it("divides by the largest and cuts at 0", () => {
    expect(normalizeWindow({ a: 6, b: 3, c: 0, d: -2 })).toEqual({ a: 1, b: 0.5, c: 0, d: 0 });
  });

  it.each([[{}], [{ a: 0, b: 0 }], [{ a: -1, b: -5 }]])("gives 0 to all of %j", (sums) => {
    expect(normalizeWindow(sums)).toEqual(Object.fromEntries(Object.keys(sums).map((id) => [id, 0])));
  });

  it("stands huge and tiny sums, and ids that objects know", () => {
    expect(normalizeWindow({ a: 1e308, b: 5e307 })).toEqual({ a: 1, b: 0.5 });
    expect(normalizeWindow({ a: 5e-324 })).toEqual({ a: 1 });
    expect(Object.entries(normalizeWindow(Object.fromEntries([["__proto__", 2]])))).toEqual([["__proto__", 1]]);
  });

  it("refuses sums that are not finite", () => {
    expect(() => normalizeWindow({ a: Number.NaN })).toThrow(
      "the window score of a must be a finite number, found NaN",
    );
    expect(() => normalizeWindow({ a: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  });
});

describe("windowScores", () => {
  it("adds what lies inside, and keeps miners with older results at 0", () => {
    const results = [
      { id: "a", adjusted: 6, window: 1 },
      { id: "a", adjusted: -2, window: 7 },
      { id: "b", adjusted: 3, window: 3 },
      { id: "c", adjusted: 3, window: null },
    ] as const;
    expect(windowScores(results, 1)).toEqual({ a: 6, b: 0, c: 0 });
    expect(windowScores(results, 3)).toEqual({ a: 6, b: 3, c: 0 });
    expect(windowScores(results, 7)).toEqual({ a: 4, b: 3, c: 0 });
  });
});

describe("windowScores, in any order of results", () => {
  it.each([[[1e16, 1, -1e16, 3]], [[3, 1, 1e16, -1e16]], [[-1e16, 3, 1e16, 1]]])(
    "adds %j from the least",
    (adjusted) => {
      const results = adjusted.map((score) => ({ id: "a", adjusted: score, window: 1 as const }));
      expect(windowScores(results, 1)).toEqual({ a: -1e16 + 1 + 3 + 1e16 });
    },
  );
});

describe("temporalScores", () => {
  it("adds the nested windows with .3, .3 and .4 (eq 13)", () => {
    // 1 d: a 6. 3 d: a 6, b 3. 7 d: a 4, b 3, c 12.
    const scores = temporalScores([
      { id: "a", adjusted: 6, ageDays: 0.5 },
      { id: "a", adjusted: -2, ageDays: 6 },
      { id: "b", adjusted: 3, ageDays: 2 },
      { id: "c", adjusted: 12, ageDays: 5 },
      { id: "old", adjusted: 100, ageDays: 8 },
    ]);
    expect(Object.keys(scores).toSorted()).toEqual(["a", "b", "c", "old"]);
    expect(scores["a"]).toBeCloseTo(0.3 + 0.3 + 0.4 / 3, 12);
    expect(scores["b"]).toBeCloseTo(0.15 + 0.1, 12);
    expect(scores["c"]).toBeCloseTo(0.4, 12);
    expect(scores["old"]).toBe(0);
  });

  it("ignores the future, and is empty for no results", () => {
    expect(temporalScores([{ id: "a", adjusted: 3, ageDays: -1 }])).toEqual({ a: 0 });
    expect(temporalScores([])).toEqual({});
  });

  const results = fc.array(
    fc.record({
      id: fc.constantFrom("a", "b", "c", "10", "9", "__proto__"),
      adjusted: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      ageDays: fc.double({ min: 0, max: 9, noNaN: true }),
    }),
  );

  it("lies between 0 and 1, bit for bit the same in any order of results", () => {
    fc.assert(
      fc.property(results, (given) => {
        const scores = temporalScores(given);
        expect(Object.values(scores).every((score) => score >= 0 && score <= 1 + 1e-12)).toBe(true);
        expect(temporalScores(given.toReversed())).toEqual(scores);
      }),
    );
  });

  it("depends on ages through their windows only", () => {
    fc.assert(
      fc.property(results, (given) => {
        const windowed = given.map(({ id, adjusted, ageDays }) => ({ id, adjusted, window: windowOf(ageDays) }));
        expect(temporalScoresByWindow(windowed)).toEqual(temporalScores(given));
      }),
    );
  });

  it.each([
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [3, Number.NaN],
  ])("refuses a score of %d aged %d days", (adjusted, ageDays) => {
    expect(() => temporalScores([{ id: "a", adjusted, ageDays }])).toThrow(RangeError);
  });
});
