import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { packageOf } from "../../core/infra/package-of.ts";
import { BUILTIN, locatePlugin } from "../../core/infra/plugin-loader.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-codes.ts";
import { inPackage } from "../package-root.ts";
import { readJson } from "../read-json.ts";
import { readDemo, type Demo } from "./demo-file.ts";

const FILE = "demo.json";

/**
 * The kinds of tasks that the demo can show: those of `datasets/demos.json`, and what the operator's plugins bring as
 * `data/demo.json` in their packages.
 *
 * @throws CommandError where a file is not as expected
 */
export async function findDemos(plugins: readonly string[], from: string): Promise<readonly Demo[]> {
  const own = await readJson(inPackage("datasets", "demos.json"), z.array(z.string()).min(1));
  const files = [
    ...own.map((name) => inPackage("datasets", name, FILE)),
    ...plugins.flatMap((specifier) => pluginFile(specifier, from)),
  ];
  const demos = await Promise.all(files.map((file, index) => readDemo(file, index === 0)));
  return [...new Map(demos.map((demo) => [demo.kind, demo])).values()];
}

/** A plugin that is not to be found is left to the server, which says why. */
function pluginFile(specifier: string, from: string): readonly string[] {
  if (specifier === BUILTIN) return [];
  const located = locatePlugin(specifier, from);
  const folder = located.ok ? packageOf(dirname(located.value))?.folder : undefined;
  if (folder === undefined) return [];
  const file = join(folder, "data", FILE);
  return existsSync(file) ? [file] : [];
}

/**
 * The demos of `--types`: kinds between commas, `all`, or the default where nothing is said.
 *
 * @throws CommandError for an unknown kind, with the known ones
 */
export function chooseDemos(demos: readonly Demo[], types: string | null): readonly Demo[] {
  if (types === null) return demos.filter(({ isDefault }) => isDefault);
  if (types === "all") return demos;
  const kinds = [...new Set(types.split(",").map((word) => word.trim()))].filter((word) => word !== "");
  if (kinds.length === 0) throw unknownKind("", demos);
  return kinds.map((kind) => {
    const found = demos.find((demo) => demo.kind === kind);
    if (found === undefined) throw unknownKind(kind, demos);
    return found;
  });
}

function unknownKind(kind: string, demos: readonly Demo[]): CommandError {
  const known = demos.map((demo) => demo.kind).join(", ");
  return new CommandError(`The demo has no tasks of the kind "${kind}". Known: ${known}, and all.`, EXIT.usage);
}
