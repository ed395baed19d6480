import { InvalidArgumentError, Option, type Command } from "commander";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EXIT } from "../exit-codes.ts";
import { listenForInterruption } from "../interruption.ts";
import { printJson, printLines } from "../output.ts";
import { endPostmaster } from "../../core/infra/postgres/index.ts";
import { demoDocument } from "./demo-document.ts";
import { openDemoFolder, removeDemoFolder } from "./demo-folder.ts";
import { fieldSizes, demoMiners } from "./field.ts";
import { chooseDemos, findDemos } from "./find-demos.ts";
import { createLiveView } from "./live-view.ts";
import { operatorConfiguration } from "./operator-configuration.ts";
import { createPhases } from "./phases.ts";
import type { DemoResult } from "./demo-result.ts";
import { plotOf, renderPlot } from "./plot.ts";
import { toPng } from "./png.ts";
import { runDemo } from "./run-demo.ts";
import { summaryLines } from "./summary.ts";

interface Options {
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly types?: string;
  readonly plugins?: string;
  readonly miners?: number;
  readonly steps?: number;
  readonly seed: string;
  readonly port: number;
  readonly setting: Readonly<Record<string, string>>;
  readonly out: string;
}

const HELP = `
A fresh market on this machine: an embedded database, a customer, miners that really fine-tune the demo model on the CPU,
an evaluator, rules, scores and weights. The same seed gives the same task, losses, ranks and weights.

Examples:
  gradients demo
  gradients demo --types all
  gradients demo --miners 12 --seed 7 --keep
  gradients demo --json > result.json`;

/** `gradients demo`: a whole competition in about a minute. */
export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .description("stage a whole competition on this machine")
    .option(
      "--types <kinds>",
      "kinds of tasks, one of each at once: all, or some between commas (the first by default)",
    )
    .addOption(
      new Option("--plugins <list>", "the server's plugins; their packages may bring tasks for --types").env(
        "GRADIENTS_PLUGINS",
      ),
    )
    .option("--miners <n>", "how many take part in each task (as many as its demo has)", wholeNumber(1, 200))
    .option("--steps <n>", "training steps of every miner, for a quick look", wholeNumber(1, 100_000))
    .option("--seed <text>", "decides ids, keys, data splits and training", "1")
    .option("--port <n>", "of the server; 0 takes a free one", wholeNumber(0, 65_535), 0)
    .option(
      "--setting <name=value>",
      "another setting of the server, such as GRADIENTS_EVAL_RUNNER=own",
      addSetting,
      {},
    )
    .option("--keep", "keep database, models and data, and say where they are")
    .option("--out <folder>", "where the plot goes", join(".data", "demo"))
    .option("--json", "print one JSON document on stdout; progress goes to stderr")
    .addHelpText("after", HELP)
    .action(demo);
}

async function demo(options: Options): Promise<void> {
  const json = options.json === true;
  const keep = options.keep === true;
  const plugins = options.plugins === undefined || options.plugins === "" ? null : options.plugins;
  const demos = chooseDemos(await findDemos(words(plugins ?? ""), process.cwd()), options.types ?? null);
  const miners = demoMiners(demos, { miners: options.miners ?? null, steps: options.steps ?? null });
  const fields = fieldSizes(demos, miners);
  const folder = await openDemoFolder(keep);
  const remove = (): void => {
    if (!keep) removeDemoFolder(folder);
  };
  using interruption = listenForInterruption(() => {
    // The server dies with this process, its PostgreSQL would not.
    endPostmaster(join(folder, "server", "postgres"), "SIGKILL");
    remove();
  });
  const phases = createPhases(() => performance.now());
  const configuration = operatorConfiguration({ ...options, settings: options.setting, fields, plugins, folder });
  const screen = json ? process.stderr : process.stdout;
  screen.write("This demo is one operator's configuration of the server:\n");
  for (const [name, value] of Object.entries(configuration.environment)) screen.write(`  ${name}=${value}\n`);
  try {
    const kinds = demos.map(({ kind }) => kind);
    const out = resolve(options.out);
    const result = await runDemo({
      seed: options.seed,
      demos,
      miners,
      keep,
      folder,
      out,
      configuration,
      phases,
      createView: (competitors) => createLiveView(screen, competitors, kinds),
      signal: interruption.signal,
    });
    const plots = await writePlots(result, out);
    if (json) printJson(demoDocument(result, { seconds: phases.totalSeconds(), plots }));
    else printLines(...summaryLines(result, { phases, plots, keptFolder: keep ? folder : null }));
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.stderr.write(`Interrupted: everything was stopped${keep ? `, ${folder} is kept` : " and removed"}.\n`);
    process.exitCode = EXIT.interrupted;
  } finally {
    remove();
  }
}

const words = (text: string): readonly string[] =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** Each task's plot, as SVG and PNG. */
async function writePlots({ tasks }: DemoResult, folder: string): Promise<readonly (readonly string[])[]> {
  await mkdir(folder, { recursive: true });
  const written: string[][] = [];
  for (const task of tasks) {
    const name = tasks.length === 1 ? "losses" : `losses-${task.demo.kind}`;
    const svg = renderPlot(plotOf(task));
    const paths = [join(folder, `${name}.svg`), join(folder, `${name}.png`)] as const;
    await writeFile(paths[0], svg);
    await writeFile(paths[1], await toPng(svg));
    written.push([...paths]);
  }
  return written;
}

function addSetting(text: string, others: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const match = /^(?<name>GRADIENTS_[A-Z0-9_]+)=(?<value>.*)$/s.exec(text);
  if (match?.groups === undefined) throw new InvalidArgumentError("Expected GRADIENTS_…=<value>.");
  return { ...others, [match.groups["name"] ?? ""]: match.groups["value"] ?? "" };
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}
