import { Command } from "commander";
import { addAuditCommand } from "./audit.ts";
import { addDemoCommand } from "./demo/index.ts";
import { addDoctorCommand } from "./doctor/index.ts";
import { addLeaderboardCommand } from "./leaderboard.ts";
import { addMinerCommands } from "./miner.ts";
import { addPluginCommands } from "./plugin.ts";
import { addSchemaCommand } from "./schema.ts";
import { addServeCommands } from "./serve.ts";
import { addTaskCommands } from "./task.ts";
import { addWeightsCommand } from "./weights.ts";

/** The command line: `gradients <noun> <verb>`. */
export function createProgram(version: string): Command {
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
  return program;
}
