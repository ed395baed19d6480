import type { TaskLeaderboardQuery } from "../sdk/index.ts";
import { decimals, tableLines, type Column } from "./output.ts";

type ScoredTask = NonNullable<TaskLeaderboardQuery["task"]>;
type Entry = ScoredTask["leaderboard"][number];

interface Line {
  readonly rank: string;
  readonly name: string;
  readonly strategy: string;
  readonly losses: {
    readonly testLoss: number | null;
    readonly synthLoss: number | null;
    readonly weightedLoss: number | null;
  };
  readonly improvement: number | null;
  readonly findings: string;
  readonly score: number | null;
  /** In the weight set that followed; null where it is not shown. */
  readonly weight: number | null;
}

const columns: readonly Column<Line>[] = [
  { title: "RANK", align: "right", cell: ({ rank }) => rank },
  { title: "MINER", cell: ({ name }) => name },
  { title: "STRATEGY", cell: ({ strategy }) => strategy },
  { title: "TEST", align: "right", cell: ({ losses }) => decimals(losses.testLoss, 4) },
  { title: "SYNTH", align: "right", cell: ({ losses }) => decimals(losses.synthLoss, 4) },
  { title: "WEIGHTED", align: "right", cell: ({ losses }) => decimals(losses.weightedLoss, 4) },
  {
    title: "BETTER BY",
    align: "right",
    cell: ({ improvement }) => (improvement === null ? "-" : `${(improvement * 100).toFixed(1)} %`),
  },
  { title: "SCORE", align: "right", cell: ({ score }) => decimals(score, 0) },
  { title: "FINDINGS", cell: ({ findings }) => findings },
];

const weightColumn: Column<Line> = { title: "WEIGHT", align: "right", cell: ({ weight }) => decimals(weight, 4) };

const toLine = (entry: Entry, weights: ReadonlyMap<string, number> | null): Line => ({
  rank: entry.rank === null ? "-" : String(entry.rank),
  name: entry.miner.name,
  strategy: entry.strategy ?? "",
  losses: entry,
  improvement: entry.improvement,
  findings: entry.findings.map(({ code, verdict }) => `${code} (${verdict})`).join(", "),
  score: entry.taskScore,
  weight: weights?.get(entry.miner.hotkey) ?? null,
});

/**
 * A scored task's leaderboard as a table, with the base model as a row of its own, and the reason for each score; with
 * `weights` by hotkey, a column of them.
 */
export function leaderboardLines(
  { leaderboard, baseline }: ScoredTask,
  weights: ReadonlyMap<string, number> | null = null,
): readonly string[] {
  if (leaderboard.length === 0) return [];
  const base: readonly Line[] =
    baseline === null
      ? []
      : [
          {
            rank: "",
            name: "(base model)",
            strategy: "untouched",
            losses: baseline,
            improvement: null,
            findings: "",
            score: null,
            weight: null,
          },
        ];
  const reasons = leaderboard.map(({ miner, explanation }) => `  ${miner.name}: ${explanation}`);
  const lines = [...leaderboard.map((entry) => toLine(entry, weights)), ...base];
  const shown = weights === null ? columns : [...columns.slice(0, -1), weightColumn, ...columns.slice(-1)];
  return [...tableLines(lines, shown), "", "Why these scores:", ...reasons];
}
