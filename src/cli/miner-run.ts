import { InvalidArgumentError, type Command } from "commander";
import { mkdir } from "node:fs/promises";
import { availableParallelism, homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import {
  commandWords,
  createSlots,
  readKeyFile,
  runMiner,
  trainerCommand,
  type AssignmentState,
  type MinerObserver,
} from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { withServer } from "./connection.ts";
import { EXIT } from "./exit-codes.ts";
import { listenForInterruption } from "./interruption.ts";
import { minerLog } from "./miner-log.ts";
import { inPackage } from "./package-root.ts";
import { readJson } from "./read-json.ts";

interface Options {
  readonly url: string;
  readonly keyFile: string;
  readonly name: string;
  readonly exec: string;
  readonly strategy?: string;
  readonly slots: number;
  readonly taskTypes?: readonly string[];
  readonly maxParameters: number;
  readonly models: string;
  readonly state?: string;
  readonly keepWork?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
}

const HELP = `
The trainer is any program. It gets a folder as its last argument, with task.json and data/ in it, may print progress
as JSON lines ({"step": 3, "steps": 100, "loss": 5.1, "etaSeconds": 7}) and leaves the model in <folder>/model.

Examples:
  gradients miner keygen key.json
  gradients miner run --url http://localhost:4000 --key-file key.json --name alice \\
    --exec "node dist/evaluators/embedded/train.js" --strategy examples/miner/strategy.json`;

/** `gradients miner run`: the reference miner. */
export function addMinerRunCommand(miner: Command): void {
  withServer(miner.command("run"))
    .description("take tasks, train them with your own program, submit the models")
    .requiredOption("--key-file <file>", "the hotkey, as `miner keygen` made it")
    .requiredOption("--name <name>", "shown on leaderboards")
    .requiredOption("--exec <command>", "the trainer, with its arguments")
    .option("--strategy <file>", "a JSON file that the trainer gets as --strategy <json>")
    .option("--slots <n>", "tasks at a time", positiveInteger, 1)
    .option("--task-types <kinds>", "comma-separated; all by default", (text: string) => text.split(","))
    .option("--max-parameters <n>", "largest base model to take", positiveInteger, 1_000_000_000)
    .option("--models <folder>", "your copies of base models, by <repo>[/<revision>]", inPackage("models"))
    .option("--state <folder>", "where the miner keeps its place; by default in your home folder, by hotkey")
    .option("--keep-work", "keep the folders of ended tasks")
    .option("--once", "end after the first scored task")
    .option("--json", "print events as JSON lines")
    .addHelpText("after", HELP)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const keyPair = await readKeyFile(options.keyFile).catch((cause: unknown) => {
    throw new CommandError(cause instanceof Error ? cause.message : String(cause), EXIT.noInput);
  });
  const strategy =
    options.strategy === undefined ? null : await readJson(options.strategy, z.record(z.string(), z.unknown()));
  const stateFolder = resolve(options.state ?? join(homedir(), ".gradients", keyPair.hotkey));
  await mkdir(stateFolder, { recursive: true });
  using interruption = listenForInterruption();
  const finished = new AbortController();
  // Without a reader of its log it ends in good order too, but not as if it had been asked to: a supervisor starts it again.
  const unread = new AbortController();
  process.stdout.removeAllListeners("error").on("error", () => unread.abort());
  const log = minerLog(options.json === true);
  const observer: MinerObserver = {
    ...log,
    onStage: (state: AssignmentState) => {
      log.onStage?.(state);
      if (options.once === true && state.stage === "SCORED") finished.abort();
    },
  };
  await runMiner({
    url: options.url,
    keyPair,
    name: options.name,
    ...(options.taskTypes === undefined ? {} : { taskTypes: options.taskTypes }),
    maxParameterCount: options.maxParameters,
    slots: options.slots,
    stateFolder,
    models: resolve(options.models),
    makeModel: trainerCommand(
      commandWords(options.exec),
      strategy,
      createSlots(Math.min(options.slots, availableParallelism())),
    ),
    strategy,
    ...(strategy === null
      ? {}
      : {
          strategyLabel: Object.entries(strategy)
            .map(([name, value]) => `${name} ${String(value)}`)
            .join(", "),
        }),
    keepWork: options.keepWork === true,
    observer,
    signal: AbortSignal.any([interruption.signal, finished.signal, unread.signal]),
  });
  if (unread.signal.aborted) throw new CommandError("The miner has ended: nobody reads what it prints any more.");
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("Expected a whole number of at least 1.");
  return value;
}
