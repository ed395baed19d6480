import { relative } from "node:path";
import { leaderboardLines } from "../leaderboard-lines.ts";
import { inPackage } from "../package-root.ts";
import { weightSetLines } from "../weights.ts";
import type { DemoResult, TaskResult } from "./demo-result.ts";
import type { Phases } from "./phases.ts";

interface SummaryExtra {
  readonly phases: Phases;
  /** By task. */
  readonly plots: readonly (readonly string[])[];
  readonly keptFolder: string | null;
}

/** The demo's result in words: who won, why, what it weighs, and what took the time. */
export function summaryLines(
  { tasks, weightSet }: DemoResult,
  { phases, plots, keptFolder }: SummaryExtra,
): readonly string[] {
  const parts = phases.seconds().map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`);
  const weights = new Map(weightSet.entries.map(({ hotkey, weight }) => [hotkey, weight]));
  // What a miner weighs in the end is of no one task where there are several.
  const shown = tasks.length === 1 ? weights : null;
  return [
    ...tasks.flatMap(({ task }) => [
      "",
      `Task ${tasks.length === 1 ? "" : `${task.kind}, `}${task.id}: ${task.title}`,
      "",
      ...leaderboardLines(task, shown),
    ]),
    "",
    ...weightSetLines(weightSet),
    "",
    ...plots.map((files) => `Plot: ${files.join(" and ")}`),
    ...tasks.flatMap(attachmentLines),
    `Time: ${phases.totalSeconds().toFixed(1)} s (${parts.join(", ")})`,
    "",
    ...openingLines(keptFolder),
  ];
}

/** Where the best miner's are; the others' are beside them. */
function attachmentLines({ attachments }: TaskResult): readonly string[] {
  const [best] = attachments;
  if (best === undefined) return [];
  const others = new Set(attachments.map(({ miner }) => miner)).size - 1;
  const beside = others === 0 ? "" : ` (beside it those of ${others} others)`;
  return attachments
    .filter(({ miner }) => miner === best.miner)
    .map(({ name, path }) => `Of ${best.miner}'s evaluation, ${name}: ${path}${beside}`);
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
    `  npx node --env-file=${keptFolder}/operator.env ${relative(process.cwd(), inPackage("dist", "src", "cli.js"))} serve`,
  ];
}
