import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "./rng.ts";
import { drawTaskType, renormaliseShares, taskTypeDemand } from "./task-mix.ts";

const SHARES = { alpha: 0.25, beta: 0.1, gamma: 0.3, delta: 0.35 };
const seed = Uint8Array.from({ length: 32 }, (_, index) => 7 * index + 1);

describe("renormaliseShares", () => {
  it("scales the shares of the registered types to sum to 1", () => {
    expect(renormaliseShares({ alpha: 0.25, gamma: 0.75, delta: 1 })).toEqual({
      alpha: 0.125,
      gamma: 0.375,
      delta: 0.5,
    });
  });

  it.each([
    [{}],
    [{ alpha: 0 }],
    [{ alpha: -1, beta: 2 }],
    [{ alpha: Number.NaN }],
    [{ alpha: Number.POSITIVE_INFINITY }],
  ])("refuses %j", (shares) => {
    expect(() => renormaliseShares(shares)).toThrow(RangeError);
  });
});

describe("taskTypeDemand", () => {
  it("is the share itself while nothing was created", () => {
    expect(taskTypeDemand(SHARES, {})).toEqual(SHARES);
  });

  it("complements organic demand: a type that is over-served is owed nothing", () => {
    // N = 9, N + 1 = 10: 2.5 − 9 < 0, 1 − 0, 3 − 0, 3.5 − 0
    const owed = taskTypeDemand(SHARES, { alpha: 9 });
    expect(owed).toEqual({ alpha: 0, beta: 1, gamma: 3, delta: 3.5 });
  });

  it("ignores the tasks of types that are no longer registered", () => {
    expect(taskTypeDemand({ alpha: 1 }, { alpha: 2, gone: 50 })).toEqual({ alpha: 1 });
  });

  it("always owes at least one task in all", () => {
    const shares = fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 100 }), { minKeys: 1 });
    fc.assert(
      fc.property(shares, fc.array(fc.nat(1000), { maxLength: 20 }), (given, numbers) => {
        const counts = Object.fromEntries(Object.keys(given).map((type, index) => [type, numbers[index] ?? 0]));
        const owed = Object.values(taskTypeDemand(given, counts)).reduce((a, b) => a + b, 0);
        expect(owed).toBeGreaterThanOrEqual(1 - 1e-9);
      }),
    );
  });

  it.each([[{ alpha: -1 }], [{ alpha: 0.5 }], [{ alpha: Number.NaN }]])("refuses the counts %j", (counts) => {
    expect(() => taskTypeDemand(SHARES, counts)).toThrow(RangeError);
  });
});

describe("drawTaskType", () => {
  it.each([
    [0, "alpha"],
    [0.24, "alpha"],
    [0.26, "beta"],
    [0.36, "delta"],
    [0.69, "delta"],
    [0.71, "gamma"],
  ])("draws in sorted order of types: %d -> %s", (draw, type) => {
    expect(drawTaskType(SHARES, {}, () => draw)).toBe(type);
  });

  it("doesn't depend on the order of keys", () => {
    expect(drawTaskType({ delta: 0.35, gamma: 0.3, beta: 0.1, alpha: 0.25 }, {}, () => 0.3)).toBe("beta");
  });

  it("draws the only type there is", () => {
    expect(drawTaskType({ solo: 0.1 }, { solo: 1000 }, () => 0.999)).toBe("solo");
  });

  it("keeps the mix at the shares when it fills in by itself", () => {
    const rng = createRng(seed);
    const counts: Record<string, number> = { alpha: 0, beta: 0, gamma: 0, delta: 0 };
    for (let drawn = 0; drawn < 1000; drawn += 1) {
      const type = drawTaskType(SHARES, counts, rng);
      counts[type] = (counts[type] ?? 0) + 1;
    }
    for (const [type, share] of Object.entries(SHARES))
      expect(Math.abs((counts[type] ?? 0) - 1000 * share)).toBeLessThan(4);
  });

  it("refuses to draw from nothing", () => {
    expect(() => drawTaskType({}, {}, () => 0)).toThrow(RangeError);
  });
});
