import type { Command } from "commander";
import type { CheckResult } from "../core/contract/testing/run-checks.ts";
import type { PluginReport } from "./check-plugin.ts";
import { EXIT } from "./exit-codes.ts";
import { printJson, printLines } from "./output.ts";

const HELP = `
The cases come from the package's export "./conformance"; without them the checks that need cases fail.
Exit code 1 means that a check failed.

Examples:
  gradients plugin check .
  gradients plugin check gradients-plugin-chat --json`;

/** `gradients plugin check`: what the server checks at start, and the kits with the author's cases. */
export function addPluginCheckCommand(plugin: Command): void {
  plugin
    .command("check <plugin>")
    .description("check a package or file like the server and the conformance kits do")
    .option("--json", "print JSON instead of text")
    .addHelpText("after", HELP)
    .action(async (specifier: string, { json }: { readonly json?: boolean }) => {
      const { checkPlugin } = await import("./check-plugin.ts");
      const report = await checkPlugin(specifier, process.cwd());
      if (json === true) printJson(report);
      else printLines(...reportLines(report));
      if (!report.holds) process.exitCode = EXIT.failed;
    });
}

const marks: Readonly<Record<CheckResult["status"], string>> = { ok: "ok  ", failed: "FAIL", skipped: "skip" };

function reportLines({ plugin, version, groups }: PluginReport): readonly string[] {
  const all = groups.flatMap(({ checks }) => checks);
  const count = (status: CheckResult["status"]) => all.filter((result) => result.status === status).length;
  return [
    version === null ? plugin : `${plugin} ${version}`,
    ...groups.flatMap(({ title, checks }) => ["", title, ...checks.flatMap(resultLines)]),
    "",
    `${all.length} checks: ${count("ok")} ok, ${count("failed")} failed, ${count("skipped")} skipped`,
  ];
}

const resultLines = ({ name, status, message }: CheckResult): readonly string[] => [
  `  ${marks[status]} ${name}`,
  ...(message === ""
    ? []
    : message
        .trimEnd()
        .split("\n")
        .map((line) => `         ${line}`)),
];
