import type { Objective, TaskFacts } from "../../core/contract/index.ts";
import { familyOf, FAMILIES, type ModelFamily } from "./families.ts";
import { IMAGE } from "./params.ts";
import type { ImageSpec } from "./spec.ts";

/** Reconstruction from noise, at the base's family's noise level and steps unless the task has its own. */
export function imageObjective(spec: ImageSpec, { baseConfig }: TaskFacts): Objective {
  const family = familyOf(baseConfig) ?? defaultFamily;
  const standard = { strengths: [spec.strength ?? family.strength], seeds: spec.seeds };
  const paper = { strengths: [...IMAGE.benchmarkStrengths], seeds: IMAGE.seeds };
  return {
    name: "denoise",
    options: {
      ...(spec.profile === "standard" ? standard : paper),
      steps: spec.steps ?? family.steps,
      sideMultiple: family.sideMultiple,
      samples: IMAGE.samples,
    },
  };
}

/** A base of no known family is refused when a task is created. */
const defaultFamily: ModelFamily = FAMILIES[0] ?? failNoFamily();

function failNoFamily(): never {
  throw new Error("there is no family of image models");
}
