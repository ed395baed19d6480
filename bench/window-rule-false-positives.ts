// node bench/window-rule-false-positives.ts: how often organic-synthetic-gap flags simulated honest miners, and how often one
// that wins organic tasks of its own making, as tables.
import type { WindowResult } from "../src/core/contract/index.ts";
import { organicSyntheticGap } from "../src/plugins/organic-synthetic-gap/rule.ts";
import { caughtShare, flaggedShare, type MarketWeek } from "./rules/honest-market.ts";

const minersPerRate = 12_000;
const weeksPerCatch = 600;
const selfMadeTasks = 5;
const sizes = [4, 8, 15, 25];

const flaggedWith =
  (options: Readonly<Record<string, number>>) =>
  (results: readonly WindowResult[]): ReadonlySet<string> => {
    const { findings } = organicSyntheticGap.judge(results, organicSyntheticGap.options.parse(options));
    const miners = new Map(results.map(({ submissionId, minerId }) => [submissionId, minerId]));
    return new Set(findings.map(({ submission }) => miners.get(submission) ?? ""));
  };
const judges = {
  "by default": flaggedWith({}),
  "with standardErrors: 2": flaggedWith({ standardErrors: 2 }),
  "with standardErrors: 3": flaggedWith({ standardErrors: 3 }),
};

const weeks: Readonly<Record<string, Omit<MarketWeek, "miners">>> = {
  "5 organic, 5 synthetic tasks": { organicTasks: 5, syntheticTasks: 5, skillSpread: 0.5, rareKindShare: 0 },
  "20 + 20, miners alike": { organicTasks: 20, syntheticTasks: 20, skillSpread: 0, rareKindShare: 0 },
  "20 + 20": { organicTasks: 20, syntheticTasks: 20, skillSpread: 0.5, rareKindShare: 0 },
  "20 + 20, miners unlike": { organicTasks: 20, syntheticTasks: 20, skillSpread: 2, rareKindShare: 0 },
  "5 + 100": { organicTasks: 5, syntheticTasks: 100, skillSpread: 0.5, rareKindShare: 0 },
  "100 + 100": { organicTasks: 100, syntheticTasks: 100, skillSpread: 0.5, rareKindShare: 0 },
  "100 + 100, customers want another kind": {
    organicTasks: 100,
    syntheticTasks: 100,
    skillSpread: 0.5,
    rareKindShare: 0.8,
  },
};

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

for (const [name, flagged] of Object.entries(judges)) {
  console.log(
    `\n${name}: honest miners that are flagged (self-made winners of ${selfMadeTasks} more tasks that are)\n`,
  );
  console.log(
    `| week | ${sizes.map((size) => `${size} miners`).join(" | ")} |\n| --- |${" --- |".repeat(sizes.length)}`,
  );
  for (const [week, market] of Object.entries(weeks)) {
    const cells = sizes.map((miners) => {
      const honest = flaggedShare(flagged, { ...market, miners }, Math.ceil(minersPerRate / miners));
      const caught = caughtShare(flagged, { ...market, miners }, weeksPerCatch, selfMadeTasks);
      return `${percent(honest)} (${percent(caught)})`;
    });
    console.log(`| ${week} | ${cells.join(" | ")} |`);
  }
}
