import { Command, CommanderError } from "commander";
import { z } from "zod";
import { addAuditCommand } from "./audit.ts";
import { EXIT } from "./exit-codes.ts";
import { addDemoCommand } from "./demo/index.ts";
import { addDoctorCommand } from "./doctor/index.ts";
import { addLeaderboardCommand } from "./leaderboard.ts";
import { addMinerCommands } from "./miner.ts";
import { inPackage } from "./package-root.ts";
import { addPluginCommands } from "./plugin.ts";
import { readJson } from "./read-json.ts";
import { reportError } from "./report-error.ts";
import { addSchemaCommand } from "./schema.ts";
import { addServeCommands } from "./serve.ts";
import { addTaskCommands } from "./task.ts";
import { addWeightsCommand } from "./weights.ts";

/** The command line: `gradients <noun> <verb>`. Sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads us, head for example, has had enough.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === "EPIPE" ? EXIT.ok : EXIT.failed),
  );
  const { version } = await readJson(inPackage("package.json"), z.object({ version: z.string() }));
  const program = new Command("gradients")
    .version(version)
    .description(
      "A competitive fine-tuning marketplace: customers post tasks, miners compete, evaluators measure real losses.",
    )
    .showHelpAfterError("(add --help for the options)")
    .exitOverride();
  addServeCommands(program);
  addDoctorCommand(program);
  addDemoCommand(program);
  addTaskCommands(program);
  addMinerCommands(program);
  addLeaderboardCommand(program);
  addWeightsCommand(program);
  addAuditCommand(program);
  addPluginCommands(program);
  addSchemaCommand(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else process.exitCode = reportError(error);
  }
}
