import type { JsonObject } from "./json.ts";

/**
 * Why a base is no causal language model, for types of text (see TaskType.baseProblem); null where it is one, or where
 * its config does not say.
 */
export function languageModelProblem(config: JsonObject): string | null {
  const { architectures, _class_name: pipeline } = config;
  const named = Array.isArray(architectures) ? architectures : pipeline === undefined ? null : [pipeline];
  if (named === null || named.some((name) => typeof name === "string" && name.endsWith("ForCausalLM"))) return null;
  return `expected a causal language model (architectures …ForCausalLM), found ${JSON.stringify(named).slice(0, 100)}`;
}
