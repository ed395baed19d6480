import type { Objective } from "../objective.ts";
import { policyRewardEvaluation } from "./evaluation-set.ts";
import { policyRewardOptions } from "./options.ts";
import { policyRewardTraining } from "./training-set.ts";

/** Rewards of sampled completions, less their divergence from the base. */
export const policyReward: Objective = {
  name: "policy-reward",
  configure: (given) => {
    const options = policyRewardOptions.parse(given);
    return {
      evaluationSet: (source) => policyRewardEvaluation(source, options),
      trainingSet: (source) => policyRewardTraining(source, options),
    };
  },
};
