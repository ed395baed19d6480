import { blamePlugins } from "../blame-plugins.ts";
import { createRegistry, type PluginEntry, type PluginProblem } from "../core/app/index.ts";
import type { Plugin } from "../core/contract/index.ts";
import { pluginChecks } from "../core/contract/testing/plugin-checks.ts";
import { runChecks, type CheckResult } from "../core/contract/testing/run-checks.ts";
import { loadConformance } from "../core/infra/plugin-conformance.ts";
import { BUILTIN, loadPlugins } from "../core/infra/plugin-loader.ts";
import { builtinPlugins } from "../plugins/index.ts";
import { buildApiSchema } from "../schema/index.ts";

/** What is known about a plugin after all checks. */
export interface PluginReport {
  readonly plugin: string;
  /** Null where it could not be loaded. */
  readonly version: string | null;
  readonly holds: boolean;
  readonly groups: readonly { readonly title: string; readonly checks: readonly CheckResult[] }[];
}

/** Loads a plugin as a server in this folder would, and runs every check. */
export async function checkPlugin(specifier: string, from: string): Promise<PluginReport> {
  const { entries, problems } = await loadPlugins([BUILTIN, specifier], { from, builtin: builtinPlugins });
  const atStart = problems.length > 0 ? problems : await startProblems(entries);
  const loading = atStart.map(failed);
  const loaded = entries.find(({ origin }) => origin === specifier)?.plugin;
  // The registry has found that it is one.
  const sound = loading.length === 0 ? (loaded as Plugin) : null;
  const start = {
    title: "start of the server",
    checks: loading.length > 0 ? loading : [{ name: "loads the plugin", status: "ok", message: "" } as const],
  };
  const groups = sound === null ? [start] : [start, ...(await kitGroups(sound, specifier, from))];
  return {
    plugin: sound?.name ?? specifier,
    version: sound?.version ?? null,
    holds: groups.every(({ checks }) => checks.every(({ status }) => status !== "failed")),
    groups,
  };
}

/** What the registry and the API's schema have against it, beside all built-in plugins. */
async function startProblems(entries: readonly PluginEntry[]): Promise<readonly PluginProblem[]> {
  const registry = createRegistry(entries);
  if (!registry.ok) return registry.error;
  return blamePlugins(registry.value, async (types) => buildApiSchema(types));
}

const failed = ({ code, message }: PluginProblem): CheckResult => ({ name: code, status: "failed", message });

async function kitGroups(plugin: Plugin, specifier: string, from: string): Promise<PluginReport["groups"]> {
  const conformance = await loadConformance(specifier, from);
  if (!conformance.ok) {
    const broken = { name: "can be imported", status: "failed", message: conformance.error } as const;
    return [{ title: "cases", checks: [broken] }];
  }
  const groups: PluginReport["groups"][number][] = [];
  for (const group of pluginChecks(plugin, conformance.value)) {
    groups.push({ title: group.title, checks: await runChecks(group) });
  }
  return groups;
}
