import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, resolve } from "node:path";
import type { PluginEntry } from "../app/registry.ts";
import type { PluginProblem } from "../app/plugin-problem.ts";
import type { Plugin } from "../contract/index.ts";
import { err, ok, type Result } from "../domain/index.ts";
import { shareHostCopies } from "./host-copies.ts";
import { importDefault } from "./import-default.ts";
import { packageOf } from "./package-of.ts";

/** The entry of the operator's list that stands for all plugins that ship with the server. */
export const BUILTIN = "builtin";

export interface PluginSources {
  /** The folder that relative paths and package names are resolved from. */
  readonly from: string;
  /** What `builtin` stands for. */
  readonly builtin: readonly { readonly plugin: Plugin; readonly origin: string }[];
  /** How long importing one plugin may take; see `importDefault`. */
  readonly withinMs?: number;
}

export interface LoadedPlugins {
  /** In the order of the list. What they export is not looked at here: `createRegistry` checks it. */
  readonly entries: readonly PluginEntry[];
  /** All that can't be imported. */
  readonly problems: readonly PluginProblem[];
}

/**
 * Imports the operator's plugins: `builtin`, package names and file paths. `-name` leaves the built-in plugin of that name
 * out.
 */
export async function loadPlugins(list: readonly string[], sources: PluginSources): Promise<LoadedPlugins> {
  const leftOut = list.filter(isLeftOut).map((item) => item.slice(1));
  const wanted = [...new Set(list)].filter((item) => !isLeftOut(item));
  const results: Result<readonly PluginEntry[], PluginProblem>[] = [];
  // One after the other: what one of them does to the process must not be another's fault.
  for (const item of wanted) {
    results.push(item === BUILTIN ? ok(builtinEntries(sources, leftOut)) : await loadPlugin(item, sources));
  }
  results.push(...leftOut.flatMap((name) => unknownBuiltin(name, sources)));
  return {
    entries: results.flatMap((result) => (result.ok ? result.value : [])),
    problems: results.flatMap((result) => (result.ok ? [] : [result.error])),
  };
}

const builtinEntries = ({ builtin }: PluginSources, leftOut: readonly string[]): readonly PluginEntry[] =>
  builtin
    .filter(({ plugin }) => !leftOut.includes(plugin.name))
    .map(({ plugin, origin }) => ({ plugin, origin, builtin: true }));

const isLeftOut = (item: string): boolean => item.startsWith("-");

function unknownBuiltin(name: string, { builtin }: PluginSources): readonly Result<never, PluginProblem>[] {
  const known = builtin.map(({ plugin }) => plugin.name);
  if (known.includes(name)) return [];
  const message = `there is no built-in plugin ${name} to leave out; there are: ${known.join(", ")}`;
  return [err({ code: "PLUGIN_NOT_FOUND", message, origin: `-${name}` })];
}

async function loadPlugin(
  specifier: string,
  { from, withinMs }: PluginSources,
): Promise<Result<readonly PluginEntry[], PluginProblem>> {
  const located = locatePlugin(specifier, from);
  if (!located.ok) return err({ code: "PLUGIN_NOT_FOUND", message: located.error, origin: specifier });
  shareHostCopies(located.value);
  const imported = await importDefault(located.value, withinMs);
  if (imported.ok) return ok([{ plugin: imported.value, origin: specifier }]);
  const message = `importing the plugin ${specifier} failed: ${imported.error}`;
  return err({ code: "PLUGIN_LOAD_FAILED", message, origin: specifier });
}

/** The file that a package name, or a path of a package or a file, leads to. */
export function locatePlugin(specifier: string, from: string): Result<string, string> {
  const isPath = isAbsolute(specifier) || /^\.\.?(\/|$)/.test(specifier);
  const path = resolve(from, specifier);
  const folder = isPath && statSync(path, { throwIfNoEntry: false })?.isDirectory() ? packageOf(path) : null;
  try {
    // A package in a folder is asked for by its own name, as only then its exports are looked at.
    if (folder?.folder === path && folder.hasExports) {
      return ok(createRequire(resolve(path, "plugin-list.js")).resolve(folder.name));
    }
    return ok(createRequire(resolve(from, "plugin-list.js")).resolve(isPath ? path : specifier));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    // Packages are resolved from the operator's folder, where only require's conditions and `default` are known.
    if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED") {
      return err(
        `the package ${specifier} exports no main entry with the condition "default": correct its package.json`,
      );
    }
    const mend = folder === null ? "install the package or correct the path" : "build the package";
    return err(`there is no plugin ${specifier} to be found from ${from}: ${mend}`);
  }
}
