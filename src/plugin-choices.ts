import type { PluginChoice, PluginChoices } from "./core/app/index.ts";
import type { Config } from "./core/infra/config/index.ts";

/** What the configuration picks of all that plugins provide. */
export function choicesOf(plugins: Config["plugins"]): PluginChoices {
  const choose = (name: string): PluginChoice => ({ name, options: plugins.options[name] ?? {} });
  return {
    evalRunner: choose(plugins.evalRunner),
    artifactStore: choose(plugins.artifactStore),
    synthesizer: plugins.synthesizer === null ? null : choose(plugins.synthesizer),
    weightPublishers: plugins.weightPublishers.map(choose),
    // Of a plugin that was left out the options stay.
    optionNames: plugins.skipBroken ? [] : Object.keys(plugins.options),
    disabledRules: plugins.disabledRules,
    ruleOptions: plugins.ruleOptions,
  };
}
