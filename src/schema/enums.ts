import { registerEnumType } from "type-graphql";
import { ARTIFACT_KINDS, DATASET_SPLITS, TASK_ORIGINS, TASK_STATUSES } from "../core/domain/index.ts";

/** Registers a GraphQL enum whose values are their own names, and returns the object that type thunks name it by. */
export function graphqlEnum(
  name: string,
  values: readonly string[],
  description?: string,
): Readonly<Record<string, string>> {
  const members = Object.freeze(Object.fromEntries(values.map((value) => [value, value])));
  registerEnumType(members, { name, ...(description === undefined ? {} : { description }) });
  return members;
}

export const TaskStatusEnum = graphqlEnum("TaskStatus", TASK_STATUSES, "Where a task is in its life.");
export const TaskOriginEnum = graphqlEnum("TaskOrigin", TASK_ORIGINS, "Who caused a task.");
export const ArtifactKindEnum = graphqlEnum("ArtifactKind", ARTIFACT_KINDS, "How a submitted model is packed.");
export const VerdictEnum = graphqlEnum(
  "Verdict",
  ["DISQUALIFY", "FLAG"],
  "What a finding does to a submission's score.",
);
export const DatasetSplitNameEnum = graphqlEnum(
  "DatasetSplitName",
  DATASET_SPLITS,
  "The three parts of a task's data.",
);
export const AccountKindEnum = graphqlEnum("AccountKind", ["CUSTOMER", "OPERATOR"], "Who holds an account.");
