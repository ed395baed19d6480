import type { Command } from "commander";
import { TaskTypesDocument, type TaskTypesQuery } from "../sdk/index.ts";
import { clientOf, withConnection } from "./connection.ts";
import { printJson, printLines, tableLines, type Column } from "./output.ts";
import { addPluginCheckCommand } from "./plugin-check.ts";
import { addPluginCreateCommand } from "./plugin-create.ts";

type TaskType = TaskTypesQuery["taskTypes"][number];

const columns: readonly Column<TaskType>[] = [
  { title: "KIND", cell: ({ kind }) => kind },
  { title: "GRAPHQL", cell: ({ graphqlName }) => graphqlName },
  { title: "SHARE", align: "right", cell: ({ share }) => share.toFixed(3) },
  { title: "MINERS", cell: ({ poolMin, poolMax }) => `${poolMin} to ${poolMax}` },
  { title: "ACCEPTS", cell: ({ artifactKinds }) => artifactKinds.join(", ") },
  { title: "FROM", cell: ({ plugin: { name, version, builtin } }) => (builtin ? "built-in" : `${name} ${version}`) },
  { title: "DESCRIPTION", cell: ({ description }) => description },
];

/** `gradients plugin list | create | check`. */
export function addPluginCommands(program: Command): void {
  const plugin = program.command("plugin").description("plugins: what a server has, and ones of your own");
  withConnection(plugin.command("list"))
    .description("a server's task types and where they come from, with the options of each as JSON schema under --json")
    .addHelpText("after", "\nExample:\n  gradients plugin list --json")
    .action(async (options: { readonly json?: boolean }) => {
      await using client = clientOf(options);
      const { taskTypes } = await client.request(TaskTypesDocument, {});
      if (options.json === true) printJson(taskTypes);
      else printLines(...tableLines(taskTypes, columns));
    });
  addPluginCreateCommand(plugin);
  addPluginCheckCommand(plugin);
}
