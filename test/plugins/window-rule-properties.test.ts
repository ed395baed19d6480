import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { honestWeek } from "../../bench/rules/honest-market.ts";
import type { WindowResult } from "../../src/core/contract/index.ts";
import { permuted, renamed, unrename } from "../../src/core/contract/testing/rule-transformations.ts";
import { compareIds, computeWeightSet, leaveOut, windowOf, type Finding } from "../../src/core/domain/index.ts";
import { organicSyntheticGap } from "../../src/plugins/organic-synthetic-gap/rule.ts";

const week: fc.Arbitrary<readonly WindowResult[]> = fc
  .record({
    seed: fc.nat(),
    miners: fc.integer({ min: 1, max: 6 }),
    organicTasks: fc.nat(4),
    syntheticTasks: fc.nat(4),
    selfMadeTasks: fc.nat(3),
    skillSpread: fc.constantFrom(0, 1),
  })
  .map(({ seed, selfMadeTasks, ...market }) => honestWeek({ ...market, rareKindShare: 0 }, seed, selfMadeTasks));
const options = fc.constantFrom({}, { deviations: 0.1 }, { deviations: 3 }, { standardErrors: 2 });

const judge = (results: readonly WindowResult[], given: Readonly<Record<string, number>>): readonly Finding[] =>
  organicSyntheticGap
    .judge(results, organicSyntheticGap.options.parse(given))
    .findings.toSorted((a, b) => compareIds(a.submission, b.submission));

describe("organic-synthetic-gap", () => {
  it("judges the same whatever the order", () => {
    fc.assert(
      fc.property(week, options, (results, given) => {
        for (const other of permuted(results).slice(0, 5))
          expect(judge(other as readonly WindowResult[], given)).toEqual(judge(results, given)); // results stay results
      }),
    );
  });

  it("judges the same whatever miners and submissions are called", () => {
    fc.assert(
      fc.property(week, options, (results, given) => {
        const { judged, names } = renamed(results);
        const findings = judge(judged as readonly WindowResult[], given).map((finding) => unrename(finding, names));
        expect(findings.toSorted((a, b) => compareIds(a.submission, b.submission))).toEqual(judge(results, given));
      }),
    );
  });

  it("finds at most once against a miner, and nothing that another miner's results could change", () => {
    fc.assert(
      fc.property(week, options, (results, given) => {
        const byMiner = Map.groupBy(results, ({ minerId }) => minerId);
        const alone = [...byMiner.values()].flatMap((own) => judge(own, given));
        expect(alone.toSorted((a, b) => compareIds(a.submission, b.submission))).toEqual(judge(results, given));
        for (const own of byMiner.values()) expect(judge(own, given).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("never raises the weight of the miner that a finding is about", () => {
    fc.assert(
      fc.property(week, options, fc.constantFrom(1, 4, 17), (results, given, taskWeight) => {
        const scores = results.map(({ minerId, taskId, origin, taskScore, ageDays }) => ({
          id: minerId,
          taskId,
          taskType: "type",
          origin,
          taskScore,
          taskWeight: origin === "ORGANIC" ? taskWeight : 1,
          window: windowOf(ageDays),
        }));
        const minerOf = new Map(results.map(({ submissionId, minerId }) => [submissionId, minerId]));
        const subjects = judge(results, given).map(({ submission }) => minerOf.get(submission) ?? "");
        for (const id of subjects) {
          const { weights } = leaveOut(scores, [{ id, verdict: "FLAG" }]).set;
          expect(weights[id]).toBeLessThanOrEqual(computeWeightSet(scores).weights[id] ?? 0);
        }
      }),
    );
  });
});
