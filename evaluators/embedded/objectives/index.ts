import { ditFamily } from "../models/dit-family.ts";
import { llamaFamily } from "../models/llama-family.ts";
import type { EngineModel, ModelFamily } from "../models/model-family.ts";
import { denoise } from "./denoise/index.ts";
import type { Objective } from "./objective.ts";
import { policyReward } from "./policy-reward/index.ts";
import { preference } from "./preference/index.ts";
import { tokenCrossEntropy } from "./token-cross-entropy.ts";

/** The objectives of language models. */
const languageObjectives: readonly Objective[] = [tokenCrossEntropy, preference, policyReward];

/** What can be done with an objective and the family of models that it is for, whatever that family is. */
export type UseObjective<Result> = <Model extends EngineModel>(
  objective: Objective<Model>,
  family: ModelFamily<Model>,
) => Result;

interface Offer {
  readonly name: string;
  readonly use: <Result>(use: UseObjective<Result>) => Result;
}

const offer = <Model extends EngineModel>(objective: Objective<Model>, family: ModelFamily<Model>): Offer => ({
  name: objective.name,
  use: (use) => use(objective, family),
});

/** All objectives of the embedded evaluator and trainer. */
const offers: readonly Offer[] = [
  ...languageObjectives.map((objective) => offer(objective, llamaFamily)),
  offer(denoise, ditFamily),
];

export const OBJECTIVES: readonly string[] = offers.map(({ name }) => name);

export function findObjective(name: string): Objective | undefined {
  return languageObjectives.find((objective) => objective.name === name);
}

/** Gives the objective of this name and its family to `use`. @throws {RangeError} where there is none. */
export function withObjective<Result>(name: string, use: UseObjective<Result>): Result {
  const found = offers.find((candidate) => candidate.name === name);
  if (found === undefined)
    throw new RangeError(`Objective ${name} is not known; this program knows ${OBJECTIVES.join(", ")}.`);
  return found.use(use);
}

export type { ConfiguredObjective, EvaluationSet, Objective, TrainingSet } from "./objective.ts";
