import type { Command } from "commander";
import { WeightSetsDocument, type GradientsClient, type WeightSetFieldsFragment } from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { clientOf, withConnection } from "./connection.ts";
import { decimals, printJson, printLines, tableLines, type Column } from "./output.ts";

type Entry = WeightSetFieldsFragment["entries"][number];

const columns: readonly Column<Entry>[] = [
  { title: "MINER", cell: ({ miner }) => miner.name },
  { title: "HOTKEY", cell: ({ hotkey }) => hotkey },
  { title: "TEMPORAL", align: "right", cell: ({ temporalScore }) => decimals(temporalScore, 4) },
  { title: "FINAL", align: "right", cell: ({ finalScore }) => decimals(finalScore, 4) },
  { title: "WEIGHT", align: "right", cell: ({ weight }) => decimals(weight, 6) },
];

/** The latest weight set. @throws CommandError where none was published yet */
export async function latestWeightSet(client: GradientsClient): Promise<WeightSetFieldsFragment> {
  const { weightSets } = await client.request(WeightSetsDocument, { first: 1, after: null });
  const [latest] = weightSets.nodes;
  if (latest === undefined) throw new CommandError("No weight set was published yet.");
  return latest;
}

const findingLine = ({ miner, code, verdict, leftOut }: WeightSetFieldsFragment["findings"][number]) =>
  `${miner.name}: ${code} (${verdict})${leftOut ? ", results left out" : ""}`;

/** A weight set as lines of text, the heaviest first. */
export function weightSetLines(set: WeightSetFieldsFragment): readonly string[] {
  const title = `Weight set ${set.sequence} (${set.policy}), digest ${set.digest}${set.empty ? ", empty: nobody has a positive score" : ""}`;
  const entries = set.entries.toSorted((a, b) => b.weight - a.weight || b.temporalScore - a.temporalScore);
  return [title, ...tableLines(entries, columns), ...set.findings.map(findingLine)];
}

/** `gradients weights`: the latest weight set. */
export function addWeightsCommand(program: Command): void {
  withConnection(program.command("weights"))
    .description("the latest weight set")
    .addHelpText("after", "\nExample:\n  gradients weights --json")
    .action(async (options: { readonly json?: boolean }) => {
      await using client = clientOf(options);
      const set = await latestWeightSet(client);
      if (options.json === true) printJson(set);
      else printLines(...weightSetLines(set));
    });
}
