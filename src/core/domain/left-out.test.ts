import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Verdict } from "./findings.ts";
import { leaveOut } from "./left-out.ts";
import { SCORING_POLICIES } from "./scoring/policies.ts";
import type { ScoredResult } from "./scoring/policy.ts";
import { computeWeightSet, weightSetText } from "./weight-set.ts";

const aResult = (id: string, given: Partial<ScoredResult> = {}): ScoredResult => ({
  id,
  taskId: "task",
  taskType: "type",
  origin: "ORGANIC",
  taskScore: 3,
  taskWeight: 1,
  window: 1,
  ...given,
});
const flag = (...ids: string[]) => ids.map((id) => ({ id, verdict: "FLAG" as const }));
const marks = (results: readonly ScoredResult[]) =>
  results.flatMap(({ id, taskId, leftOut }) => (leftOut ? [`${id} ${taskId}`] : []));

describe("leaveOut", () => {
  const honest = [aResult("b", { taskId: "s1", origin: "SYNTHETIC" }), aResult("b", { taskId: "o2", taskScore: 0 })];
  const cheat = [
    aResult("a", { taskId: "o1", taskWeight: 4 }),
    aResult("a", { taskId: "s2", origin: "SYNTHETIC" }),
    aResult("a", { taskId: "x1", origin: "BENCHMARK" }),
  ];

  it("takes a flagged miner's organic results out, and nothing else", () => {
    const { results, miners, set } = leaveOut([...honest, ...cheat], flag("a"));
    expect(marks(results)).toEqual(["a o1"]);
    expect([...miners]).toEqual(["a"]);
    expect(set).toEqual(computeWeightSet([...honest, ...cheat.slice(1)]));
  });

  it("takes all results of a disqualified miner out, which then weighs nothing and is named all the same", () => {
    const { results, set } = leaveOut([...honest, ...cheat], [...flag("a"), { id: "a", verdict: "DISQUALIFY" }]);
    expect(marks(results)).toEqual(["a o1", "a s2", "a x1"]);
    expect(set.weights).toEqual({ a: 0, b: 1 });
    expect(set).toMatchObject({ temporal: { a: 0 }, final: { a: 0 }, integerWeights: { a: 0, b: 1e9 } });
  });

  it("leaves losses in: without them the flagged miner would weigh more", () => {
    const losing = [aResult("a", { taskId: "o1", taskScore: -1 }), aResult("a", { taskId: "s1", origin: "SYNTHETIC" })];
    const { results, miners, set } = leaveOut([...honest, ...losing], flag("a"));
    expect(marks(results)).toEqual([]);
    expect(miners.size).toBe(0);
    expect(set).toEqual(computeWeightSet([...honest, ...losing]));
  });

  it("leaves even wins in where the others would lose more by their absence", () => {
    // Of the last day a has 12 with o1 and 6 without, m has 6: without o1 m becomes the best of the field, against whom the
    // x of k, l and n falls more than a's.
    const synthetic = (id: string, taskId: string, taskWeight: number, window: 1 | 7) =>
      aResult(id, { taskId, taskWeight, window, origin: "SYNTHETIC" });
    const rest = [
      synthetic("a", "s1", 6, 1),
      synthetic("m", "s2", 6, 1),
      synthetic("m", "s3", 40, 7),
      ...["k", "l", "n"].map((id) => synthetic(id, `s-${id}`, 40, 7)),
    ];
    const all = [aResult("a", { taskId: "o1", taskWeight: 6 }), ...rest];
    expect(computeWeightSet(rest).temporal["a"]).toBeLessThan(computeWeightSet(all).temporal["a"] ?? 0);
    expect(computeWeightSet(rest).weights["a"]).toBeGreaterThan(computeWeightSet(all).weights["a"] ?? 1);
    expect(leaveOut(all, flag("a"))).toMatchObject({ results: all, miners: new Set(), set: computeWeightSet(all) });
  });

  it("changes nothing for verdicts on nobody, on strangers and on miners without organic results", () => {
    const only = [aResult("a", { taskId: "s1", origin: "SYNTHETIC" })];
    for (const verdicts of [flag(), flag("a", "stranger")])
      expect(leaveOut(only, verdicts)).toEqual({ results: only, miners: new Set(), set: computeWeightSet(only) });
  });

  it("has a text of its own: a left-out result is published, and marked", () => {
    const { results, set } = leaveOut([...honest, ...cheat], flag("a"));
    const text = weightSetText(results, set);
    expect(JSON.parse(text).inputs).toHaveLength(5);
    expect(text.match(/"leftOut":true/g)).toHaveLength(1);
    expect(weightSetText([...honest, ...cheat], computeWeightSet([...honest, ...cheat]))).not.toContain("leftOut");
  });
});

describe.each(SCORING_POLICIES)("leaveOut under the policy $name", (policy) => {
  const ids = ["a", "b", "c", "d", "e"];
  const results: fc.Arbitrary<readonly ScoredResult[]> = fc
    .array(
      fc.record({
        origin: fc.constantFrom("ORGANIC" as const, "ORGANIC" as const, "SYNTHETIC" as const, "BENCHMARK" as const),
        taskType: fc.constantFrom("x", "y"),
        window: fc.constantFrom(1 as const, 3 as const, 7 as const, null),
        taskWeight: fc.constantFrom(1, 2.5, 4, 17),
        scores: fc.array(fc.constantFrom(null, -1, 0, 3), { minLength: ids.length, maxLength: ids.length }),
      }),
      { maxLength: 14 },
    )
    .map((tasks) =>
      tasks.flatMap(({ scores, ...task }, index) =>
        scores.flatMap((taskScore, miner) =>
          taskScore === null ? [] : [{ ...task, id: ids[miner] ?? "", taskId: `t${index}`, taskScore }],
        ),
      ),
    );
  const verdicts = fc.array(
    fc.record({ id: fc.constantFrom(...ids), verdict: fc.constantFrom<Verdict>("FLAG", "FLAG", "FLAG", "DISQUALIFY") }),
    { minLength: 1, maxLength: 5 },
  );

  it("never raises the weight of a miner by its own finding", () => {
    fc.assert(
      fc.property(results, verdicts, (given, demanded) => {
        const { results: marked, miners, set } = leaveOut(given, demanded, { policy });
        for (const id of miners) {
          const putBack = marked.map((result) => (result.id === id ? { ...result, leftOut: undefined } : result));
          const { weights, integerWeights } = computeWeightSet(putBack, { policy });
          expect(set.weights[id]).toBeLessThanOrEqual(weights[id] ?? 0);
          expect(set.integerWeights[id]).toBeLessThanOrEqual(integerWeights[id] ?? 0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("never raises the weight of a single subject above the one without any finding", () => {
    fc.assert(
      fc.property(results, fc.constantFrom(...ids), (given, id) => {
        const { set } = leaveOut(given, flag(id), { policy });
        expect(set.weights[id] ?? 0).toBeLessThanOrEqual(computeWeightSet(given, { policy }).weights[id] ?? 0);
      }),
      { numRuns: 400 },
    );
  });

  it("gives the weights that its marked results amount to, and publishes every result once", () => {
    fc.assert(
      fc.property(results, verdicts, (given, demanded) => {
        const { results: marked, set } = leaveOut(given, demanded, { policy });
        expect(computeWeightSet(marked, { policy })).toEqual(set);
        expect(marked.map(({ leftOut: _leftOut, ...result }) => result)).toEqual(given);
      }),
    );
  });

  it("does not depend on the order of results and findings", () => {
    fc.assert(
      fc.property(results, verdicts, (given, demanded) => {
        const { results: marked, miners, set } = leaveOut(given, demanded, { policy });
        const reversed = leaveOut(given.toReversed(), demanded.toReversed(), { policy });
        expect(reversed).toMatchObject({ set, miners });
        expect(weightSetText(reversed.results, reversed.set)).toBe(weightSetText(marked, set));
      }),
    );
  });
});
