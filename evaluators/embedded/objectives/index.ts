import type { Objective } from "./objective.ts";
import { preference } from "./preference/index.ts";
import { tokenCrossEntropy } from "./token-cross-entropy.ts";

/** All objectives of the embedded evaluator and trainer. */
const objectives: readonly Objective[] = [tokenCrossEntropy, preference];

export const OBJECTIVES: readonly string[] = objectives.map(({ name }) => name);

export function findObjective(name: string): Objective | undefined {
  return objectives.find((objective) => objective.name === name);
}

export type { ConfiguredObjective, EvaluationSet, TrainingSet } from "./objective.ts";
