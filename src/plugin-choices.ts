import type { PluginChoice, PluginChoices } from "./core/app/index.ts";
import type { Config } from "./core/infra/config/index.ts";

/** What the configuration picks of all that plugins provide. */
export function choicesOf(plugins: Config["plugins"]): PluginChoices {
  const choose = (name: string): PluginChoice => ({ name, options: plugins.options[name] ?? {} });
  return {
    evalRunner: choose(plugins.evalRunner),
    artifactStore: { name: plugins.artifactStore, options: storeOptions(plugins) },
    synthesizer: plugins.synthesizer === null ? null : choose(plugins.synthesizer),
    weightPublishers: plugins.weightPublishers.map(choose),
    disabledRules: plugins.disabledRules,
    ruleOptions: plugins.ruleOptions,
  };
}

/** The runner and the store of this machine are both called local: then the name's options are the runner's. */
function storeOptions({ artifactStore, evalRunner, options }: Config["plugins"]): Readonly<Record<string, unknown>> {
  return (
    options[`${artifactStore}-artifact-store`] ?? (artifactStore === evalRunner ? {} : (options[artifactStore] ?? {}))
  );
}
