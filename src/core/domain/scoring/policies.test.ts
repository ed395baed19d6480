import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { originalPolicy } from "./original-policy.ts";
import { SCORING_POLICIES, paperPolicy, scoringPolicy } from "./policies.ts";
import type { ScoredResult } from "./policy.ts";
import { temporalScores } from "./temporal.ts";

const FULL = 0.7442238968435095; // finalScore(1)

function result(id: string, taskId: string, changes: Partial<ScoredResult> = {}): ScoredResult {
  return { id, taskId, taskType: "t", origin: "ORGANIC", taskScore: 3, taskWeight: 1, window: 1, ...changes };
}

function field(count: number): { id: string; loss: number; sealedAt: number; valid: boolean }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `e${index}`, loss: index, sealedAt: 0, valid: true }));
}

describe("scoringPolicy", () => {
  it("finds policies by name, the paper's first", () => {
    expect(SCORING_POLICIES.map(({ name }) => name)).toEqual(["paper", "original-2025-06"]);
    expect(scoringPolicy("original-2025-06")).toBe(originalPolicy);
    expect(scoringPolicy("unknown")).toBeUndefined();
  });
});

describe.each(SCORING_POLICIES)("the policy $name", (policy) => {
  const results = fc.array(
    fc.record({
      id: fc.constantFrom("a", "b", "c"),
      taskId: fc.constantFrom("t1", "t2", "t3", "t4"),
      taskType: fc.constantFrom("x", "y"),
      origin: fc.constantFrom("ORGANIC" as const, "SYNTHETIC" as const, "BENCHMARK" as const),
      taskScore: fc.constantFrom(-1, 0, 3),
      taskWeight: fc.constantFrom(1, 2.5, 4),
      window: fc.constantFrom(1 as const, 3 as const, 7 as const, null),
    }),
  );

  it("gives every miner a score that is not negative, whatever the order of results", () => {
    const unique = results.map((all) => [...new Map(all.map((one) => [`${one.taskId} ${one.id}`, one])).values()]);
    fc.assert(
      fc.property(unique, (given) => {
        // Origin and type belong to the task, not to the result.
        const consistent = given.map((one) => ({ ...one, origin: "SYNTHETIC" as const, taskType: one.taskId }));
        const scores = policy.minerScores(consistent);
        expect(Object.keys(scores.final).toSorted()).toEqual([...new Set(given.map(({ id }) => id))].toSorted());
        expect(Object.values(scores.final).every((score) => score >= 0 && Number.isFinite(score))).toBe(true);
        expect(policy.minerScores(consistent.toReversed())).toEqual(scores);
      }),
    );
  });

  it("has no scores without results", () => {
    expect(policy.minerScores([])).toEqual({ temporal: {}, final: {} });
  });
});

describe("paperPolicy", () => {
  it("puts eq 12 to 15 together", () => {
    const { temporal, final } = paperPolicy.minerScores([
      result("a", "t1", { taskWeight: 2 }),
      result("b", "t2", { window: 3 }),
      result("c", "t3", { window: 7, taskWeight: 4 }),
      result("a", "t3", { window: 7, taskWeight: 2, taskScore: -1 }),
    ]);
    expect(temporal).toEqual(
      temporalScores([
        { id: "a", adjusted: 6, ageDays: 0 },
        { id: "b", adjusted: 3, ageDays: 2 },
        { id: "c", adjusted: 12, ageDays: 5 },
        { id: "a", adjusted: -2, ageDays: 5 },
      ]),
    );
    expect(final["a"]).toBeCloseTo(FULL, 12);
    expect(final["b"]).toBeCloseTo(0.2207283589536761, 12);
    expect(final["c"]).toBeCloseTo(0.5050036613677651, 12);
  });
});

describe("originalPolicy", () => {
  it("penalises the last quarter above 8 valid submissions only", () => {
    const scores = (count: number) => originalPolicy.reasonedScores(field(count)).map(({ score }) => score);
    expect(scores(8)).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
    expect(scores(9)).toEqual([3, 0, 0, 0, 0, 0, 0, -1, -1]);
    expect(scores(12).filter((score) => score === -1)).toHaveLength(3);
  });

  it("lets the first win whether or not it beats the base, and charges faults once anyone is ranked", () => {
    const scores = originalPolicy.reasonedScores(
      [...field(1), { id: "bad", loss: Number.NaN, sealedAt: 0, valid: true }],
      {
        baseLoss: -5,
      },
    );
    expect(scores.map(({ score }) => score)).toEqual([3, -1]);
  });

  it.each([
    [0.07, 1, 2],
    [1.9, 4, 4],
    [70, 10, 40],
    [7.8, 7, 14],
  ])("counts %d billion parameters for %d hours as %d", (billions, hours, weight) => {
    expect(originalPolicy.taskWeight(billions, hours)).toBeCloseTo(weight, 12);
  });

  it("puts each pool through the sigmoid by itself and weighs pools by their share of tasks", () => {
    // One organic and one synthetic task of the type: both shares are one half. Organic, all windows: a 18 (b's mean is
    // negative). Synthetic, windows of 3 and 7 days: b 36; a's zero doesn't enter.
    const { final, temporal } = originalPolicy.minerScores([
      result("a", "t1", { taskWeight: 2 }),
      result("b", "t1", { taskWeight: 2, taskScore: -1 }),
      result("a", "t2", { taskWeight: 4, taskScore: 0, origin: "SYNTHETIC", window: 3 }),
      result("b", "t2", { taskWeight: 4, origin: "SYNTHETIC", window: 3 }),
    ]);
    expect(final["a"]).toBeCloseTo((0.3 + 0.3 + 0.4) * 0.5 * FULL, 12);
    expect(final["b"]).toBeCloseTo((0.3 + 0.4) * 0.5 * FULL, 12);
    expect(temporal).toEqual(final);
  });

  it("multiplies the sum of adjusted scores by the mean score", () => {
    // a: 3·2 = 6, mean 3 (the zero doesn't count), quality 18. b: 3·2 − 1·1 = 5, mean 1, quality 5; x = 5/18.
    const { final } = originalPolicy.minerScores([
      result("a", "t1", { taskWeight: 2 }),
      result("b", "t2", { taskWeight: 2 }),
      result("b", "t3", { taskScore: -1 }),
      result("a", "t3", { taskScore: 0 }),
    ]);
    expect(final["a"]).toBeCloseTo(FULL, 12);
    expect(final["b"]).toBeCloseTo(0.15589702134246392, 12);
  });

  it("weighs task types against each other where it is told to, and counts nothing older than a week", () => {
    const results = [
      result("a", "t1", { taskType: "x" }),
      result("b", "t2", { taskType: "y" }),
      result("c", "t3", { taskType: "y", window: null }),
    ];
    const { final } = originalPolicy.minerScores(results, { typeWeights: { x: 0.25 } });
    expect(final["a"]).toBeCloseTo(0.25 * FULL, 12);
    expect(final["b"]).toBeCloseTo(FULL, 12);
    expect(final["c"]).toBe(0);
  });

  it("refuses scores and weights that are not finite", () => {
    expect(() => originalPolicy.minerScores([result("a", "t1", { taskScore: Number.NaN })])).toThrow(RangeError);
    expect(() => originalPolicy.minerScores([result("a", "t1", { taskWeight: -1 })])).toThrow(RangeError);
  });
});
