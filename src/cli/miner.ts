import type { Command } from "commander";
import { addMinerRunCommand } from "./miner-run.ts";
import { CommandError } from "./command-error.ts";
import { printJson, printLines } from "./output.ts";
import { createKeyFile } from "../sdk/index.ts";

/** `gradients miner keygen | run`. */
export function addMinerCommands(program: Command): void {
  const miner = program.command("miner").description("take part as a miner");
  miner
    .command("keygen <file>")
    .description("make an sr25519 hotkey and keep its seed in a file")
    .option("--json", "print JSON instead of text")
    .addHelpText("after", "\nExample:\n  gradients miner keygen my-miner.json")
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const keyPair = await createKeyFile(file).catch((cause: unknown) => {
        throw new CommandError(
          `No key was written to ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
        );
      });
      if (options.json === true) printJson({ hotkey: keyPair.hotkey, file });
      else printLines(keyPair.hotkey, `The seed is in ${file}: keep it, and keep it secret.`);
    });
  addMinerRunCommand(miner);
}
