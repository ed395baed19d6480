import { createRegistry, type Log, type PluginProblem, type Registry } from "./core/app/index.ts";
import type { Config } from "./core/infra/config/index.ts";
import { loadPlugins } from "./core/infra/plugin-loader.ts";
import { PluginError } from "./plugin-error.ts";
import { builtinPlugins } from "./plugins/index.ts";

/**
 * Loads and checks the operator's plugins. Where he allows it, broken ones are left out with a warning each.
 *
 * @param refused what was found out about plugins later on, in an earlier try.
 * @throws {PluginError} with all problems of all plugins.
 */
export async function loadRegistry(
  { list, skipBroken }: Pick<Config["plugins"], "list" | "skipBroken">,
  log: Log,
  refused: readonly PluginProblem[] = [],
): Promise<Registry> {
  const { entries, problems } = await loadPlugins(list, { from: process.cwd(), builtin: builtinPlugins });
  const found = [...problems, ...refused];
  for (;;) {
    const broken = new Set(found.map(({ origin }) => origin));
    const registry = createRegistry(entries.filter(({ origin }) => !broken.has(origin)));
    if (!registry.ok) found.push(...registry.error);
    if (found.length > 0 && !skipBroken) throw new PluginError(found);
    if (!registry.ok) continue;
    for (const { code, origin, message } of found) log.warn("a plugin is left out", { code, origin, message });
    return registry.value;
  }
}
