import type { Objective } from "../objective.ts";
import { preferenceEvaluation } from "./evaluation-set.ts";
import { preferenceOptions } from "./options.ts";
import { preferenceTraining } from "./training-set.ts";

/** Direct preference optimisation against the task's base as the reference. */
export const preference: Objective = {
  name: "preference",
  configure: (given) => {
    const options = preferenceOptions.parse(given);
    return {
      evaluationSet: (source) => preferenceEvaluation(source, options),
      trainingSet: (source) => preferenceTraining(source, options),
    };
  },
};
