import type { Dit } from "../../diffusion/index.ts";
import type { Objective } from "../objective.ts";
import { denoiseEvaluation } from "./evaluation-set.ts";
import { denoiseOptions } from "./options.ts";
import { denoiseTraining } from "./training-set.ts";

/** Reconstruction of images from noise, with their captions and without. */
export const denoise: Objective<Dit> = {
  name: "denoise",
  configure: (given) => {
    const options = denoiseOptions.parse(given);
    return {
      evaluationSet: (source) => denoiseEvaluation(source, options),
      trainingSet: (source) => denoiseTraining(source, options),
    };
  },
};
