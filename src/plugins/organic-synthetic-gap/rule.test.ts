import type { WindowResult } from "../../core/contract/index.ts";
import { testAntiGamingRule } from "../../core/contract/testing/test-anti-gaming-rule.ts";
import { organicSyntheticGap } from "./rule.ts";

interface Scores {
  readonly organic?: readonly number[];
  readonly synthetic?: readonly number[];
  readonly benchmark?: readonly number[];
  /** Of the organic tasks, how many were accepted and never sealed: the newest. */
  readonly unsealed?: number;
}

/** The results of one miner, the newest first within each origin. */
function resultsOf(minerId: string, scores: Scores): readonly WindowResult[] {
  const { organic = [], synthetic = [], benchmark = [], unsealed = 0 } = scores;
  const of = (origin: WindowResult["origin"], values: readonly number[]) =>
    values.map((taskScore, index): WindowResult => {
      const sealed = origin !== "ORGANIC" || index >= unsealed;
      const taskId = `${minerId}-${origin}-${index}`;
      return {
        minerId,
        taskId,
        submissionId: sealed ? `${taskId}-model` : null,
        origin,
        taskScore,
        ageDays: index / 2,
      };
    });
  return [...of("ORGANIC", organic), ...of("SYNTHETIC", synthetic), ...of("BENCHMARK", benchmark)];
}

const flagged = (minerId: string, task = 0) =>
  ({ submission: `${minerId}-ORGANIC-${task}-model`, verdict: "FLAG", code: "ORGANIC_SYNTHETIC_GAP" }) as const;

/** Mean 0.5, σ = 1.5: the threshold is 1.25. */
const synthetic: readonly number[] = [3, 0, 0, -1, 3, -1, 0, 0];
const honest = resultsOf("honest", { organic: [3, 0, 0, -1], synthetic });
const selfMade = { organic: [3, 3, 3], synthetic };

testAntiGamingRule(organicSyntheticGap, {
  caught: [
    {
      name: "a miner that wins all organic tasks and few synthetic ones",
      judged: [...honest, ...resultsOf("customer", selfMade)],
      findings: [flagged("customer")],
    },
    {
      name: "two of them, each on its own",
      judged: [...resultsOf("one", selfMade), ...resultsOf("other", selfMade), ...honest],
      findings: [flagged("one"), flagged("other")],
    },
    {
      name: "any lead over synthetic scores without spread",
      judged: resultsOf("steady", { organic: [0, 0, 3], synthetic: [0, 0] }),
      findings: [flagged("steady")],
    },
    {
      name: "one that gave its newest organic task up, by the newest model that it sealed",
      judged: resultsOf("quitter", { organic: [-1, 3, 3, 3], synthetic: [0, 0, 3], unsealed: 1 }),
      findings: [flagged("quitter", 1)],
    },
    {
      name: "one beyond a stricter operator's threshold",
      judged: resultsOf("near", { organic: [3, 0, 0], synthetic: [3, 0, 0, 0] }),
      options: { deviations: 0.1 },
      findings: [flagged("near")],
    },
    {
      name: "a lead beyond two standard errors, for an operator who asks for them",
      judged: resultsOf("sure", { organic: [3, 3, 3, 3, 3, 3], synthetic: [0, 0, 0, -1, 0, 3, 0, 0] }),
      options: { standardErrors: 2 },
      findings: [flagged("sure")],
    },
  ],
  clean: [
    { name: "a miner that does as well on both", judged: honest },
    {
      name: "exactly the threshold, which is not above it",
      judged: resultsOf("edge", { organic: [3, -1], synthetic: [-1, 1] }),
      options: { deviations: 1 },
    },
    { name: "a miner without synthetic tasks", judged: resultsOf("new", { organic: [3, 3, 3] }) },
    { name: "a miner without organic tasks", judged: resultsOf("unasked", { synthetic }) },
    {
      name: "benchmark tasks, which stand on neither side",
      judged: resultsOf("measured", { organic: [3, 3, 3], benchmark: [-1, -1, -1] }),
    },
    {
      name: "a miner that does better on synthetic tasks",
      judged: resultsOf("reverse", { organic: [-1, 0], synthetic: [3, 3, 3] }),
    },
    {
      name: "a lead that two tasks can't prove, for an operator who asks for two standard errors",
      judged: resultsOf("lucky", { organic: [3], synthetic: [0] }),
      options: { standardErrors: 2 },
    },
    {
      name: "many miners that stand well on one side each",
      judged: [...resultsOf("left", { organic: [3, 3] }), ...resultsOf("right", { synthetic: [-1, -1] })],
    },
  ],
});
