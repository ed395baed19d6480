import type { Command } from "commander";
import { expect, it } from "vitest";
import { createProgram } from "./program.ts";

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

it.each(leaves(createProgram("1.0.0")).map((command) => [nameOf(command), command] as const))(
  "%s --help says what it does, and shows how",
  (name, command) => {
    expect(command.description()).not.toBe("");
    expect(helpOf(command)).toMatch(new RegExp(`Examples?:\\n[^]*${name}`));
  },
);
