import { createRequire } from "node:module";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { PluginEntry } from "../app/registry.ts";
import type { PluginProblem } from "../app/plugin-problem.ts";
import { err, ok, type Result } from "../domain/index.ts";

/**
 * Imports the operator's plugins, package names or file paths, in the order of the list. What they export is not looked
 * at here: `createRegistry` checks it. All that can't be imported is reported at once.
 *
 * @param from the folder that relative paths and package names are resolved from.
 */
export async function loadPlugins(
  specifiers: readonly string[],
  from: string,
): Promise<Result<readonly PluginEntry[], readonly PluginProblem[]>> {
  const loaded = await Promise.all(specifiers.map((specifier) => loadPlugin(specifier, from)));
  const problems = loaded.flatMap((result) => (result.ok ? [] : [result.error]));
  return problems.length > 0 ? err(problems) : ok(loaded.flatMap((result) => (result.ok ? [result.value] : [])));
}

async function loadPlugin(specifier: string, from: string): Promise<Result<PluginEntry, PluginProblem>> {
  const located = locate(specifier, from);
  if (!located.ok) return err({ code: "PLUGIN_NOT_FOUND", message: located.error, origin: specifier });
  try {
    const module: { readonly default?: unknown } = await import(located.value);
    return ok({ plugin: module.default, origin: specifier });
  } catch (error) {
    const message = `importing the plugin ${specifier} failed: ${error instanceof Error ? error.message : String(error)}`;
    return err({ code: "PLUGIN_LOAD_FAILED", message, origin: specifier });
  }
}

function locate(specifier: string, from: string): Result<string, string> {
  const isPath = isAbsolute(specifier) || specifier.startsWith("./") || specifier.startsWith("../");
  try {
    const resolver = createRequire(resolve(from, "plugin-list.js"));
    return ok(pathToFileURL(resolver.resolve(isPath ? resolve(from, specifier) : specifier)).href);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    // Packages are resolved from the operator's folder, where only require's conditions and `default` are known.
    if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED") {
      return err(
        `the package ${specifier} exports no main entry with the condition "default": correct its package.json`,
      );
    }
    return err(`there is no plugin ${specifier} to be found from ${from}: install the package or correct the path`);
  }
}
