import { leaderboardLines } from "../leaderboard-lines.ts";
import { weightSetLines } from "../weights.ts";
import type { DemoResult } from "./demo-result.ts";
import type { Phases } from "./phases.ts";

export interface SummaryExtra {
  readonly phases: Phases;
  readonly plots: readonly string[];
  readonly keptFolder: string | null;
}

/** The demo's result in words: who won, why, what it weighs, and what took the time. */
export function summaryLines(
  { task, weightSet }: DemoResult,
  { phases, plots, keptFolder }: SummaryExtra,
): readonly string[] {
  const parts = phases.seconds().map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`);
  return [
    "",
    `Task ${task.id}: ${task.title}`,
    "",
    ...leaderboardLines(task, new Map(weightSet.entries.map(({ hotkey, weight }) => [hotkey, weight]))),
    "",
    ...weightSetLines(weightSet),
    "",
    `Plot: ${plots.join(" and ")}`,
    `Time: ${phases.totalSeconds().toFixed(1)} s (${parts.join(", ")})`,
    "",
    ...openingLines(keptFolder),
  ];
}

function openingLines(keptFolder: string | null): readonly string[] {
  if (keptFolder === null) {
    return [
      "Look at it yourself: `npm run demo -- --keep` keeps the market, the models and the data;",
      "`npm start` opens an empty market at http://127.0.0.1:4000 (GraphiQL in a browser).",
    ];
  }
  return [
    `Kept in ${keptFolder}. Open the market again (GraphiQL in a browser, at the port that it prints):`,
    `  npx node --env-file=${keptFolder}/operator.env dist/src/cli.js serve`,
  ];
}
