import type { Command } from "commander";
import { allNodes, LeaderboardDocument, type LeaderboardQuery } from "../sdk/index.ts";
import { clientOf, withConnection } from "./connection.ts";
import { decimals, printJson, printLines, tableLines, type Column } from "./output.ts";

type Standing = LeaderboardQuery["leaderboard"]["nodes"][number];

const columns: readonly Column<Standing>[] = [
  { title: "MINER", cell: ({ miner }) => miner.name },
  { title: "HOTKEY", cell: ({ miner }) => miner.hotkey },
  { title: "TASKS", align: "right", cell: ({ tasksScored }) => String(tasksScored) },
  { title: "TEMPORAL", align: "right", cell: ({ temporalScore }) => decimals(temporalScore, 4) },
  { title: "FINAL", align: "right", cell: ({ finalScore }) => decimals(finalScore, 4) },
  { title: "WEIGHT", align: "right", cell: ({ weight }) => decimals(weight, 6) },
];

/** `gradients leaderboard`: all miners by the latest weight set. */
export function addLeaderboardCommand(program: Command): void {
  withConnection(program.command("leaderboard"))
    .description("miners by the latest weight set")
    .addHelpText("after", "\nExample:\n  gradients leaderboard --url http://localhost:4000")
    .action(async (options: { readonly json?: boolean }) => {
      await using client = clientOf(options);
      const standings = await Array.fromAsync(
        allNodes(async (after) => (await client.request(LeaderboardDocument, { first: 100, after })).leaderboard),
      );
      if (options.json === true) printJson(standings);
      else printLines(...tableLines(standings, columns));
    });
}
