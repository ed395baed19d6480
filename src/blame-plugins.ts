import type { PluginProblem, Registry } from "./core/app/index.ts";
import type { AnyTaskType } from "./core/contract/index.ts";

/**
 * Which plugins are to blame where the API's schema can't be made: types are added one at a time, those of the built-in
 * plugins first. Empty where it can be made.
 */
export async function blamePlugins(
  registry: Pick<Registry, "taskTypes" | "pluginOf">,
  buildSchema: (types: readonly AnyTaskType[]) => Promise<unknown>,
): Promise<readonly PluginProblem[]> {
  const problems: PluginProblem[] = [];
  const sound: AnyTaskType[] = [];
  const types = [...registry.taskTypes.values()].map((type) => ({ type, plugin: registry.pluginOf(type.kind) }));
  for (const { type, plugin } of types.toSorted((a, b) => Number(b.plugin.builtin) - Number(a.plugin.builtin))) {
    try {
      await buildSchema([...sound, type]);
      sound.push(type);
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
      const message = `the GraphQL types of the task type ${type.kind} of ${plugin.origin} can't be made: ${reason}`;
      problems.push({ code: "PLUGIN_BAD_GRAPHQL", origin: plugin.origin, message });
    }
  }
  return problems;
}
