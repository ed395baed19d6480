import type { JsonObject, Objective, TaskFacts } from "../../core/contract/index.ts";
import { findBuiltin, sha256Of, type RewardSpec } from "./reward-spec.ts";
import type { GrpoSpec } from "./spec.ts";

/** All that an evaluator needs to reward completions: the functions' sources too, so that it has none of its own. */
export function grpoObjective(spec: GrpoSpec, { contextLength }: TaskFacts): Objective {
  const { beta, completions, temperature } = spec;
  const total = spec.rewards.reduce((sum, { weight }) => sum + weight, 0);
  const rewards = spec.rewards.map((reward) => ({ ...resolve(reward), weight: reward.weight / total }));
  const maxNewTokens = Math.min(spec.maxNewTokens, contextLength);
  return { name: "policy-reward", options: { beta, completions, maxNewTokens, temperature, rewards } };
}

function resolve(reward: RewardSpec): JsonObject {
  const { id, version, params } = reward;
  const own = reward.source !== null && reward.range !== null ? { ...reward, source: reward.source } : undefined;
  if (own !== undefined)
    return { id, version, params, source: own.source, range: own.range, sha256: sha256Of(own.source) };
  const builtin = findBuiltin(reward);
  if (builtin === undefined) throw new Error(`there is no reward ${id} of version ${version}: the spec was not parsed`);
  const { source, range } = builtin;
  // Parsed again for its defaults; the spec's own check has accepted it.
  const filled: JsonObject = JSON.parse(JSON.stringify(builtin.params.parse(params)));
  return { id, version, params: filled, source, range, sha256: sha256Of(source) };
}

/** True where a function is the customer's own. */
export const grpoCarriesCode = ({ rewards }: GrpoSpec): boolean => rewards.some(({ source }) => source !== null);

/** Built-in rewards without a customer's pattern in them can't fail. */
export const grpoRehearses = ({ rewards }: GrpoSpec): boolean =>
  rewards.some(({ id, source }) => source !== null || id === "regular-expression");
