import { registerEnumType } from "type-graphql";
import type {
  AssignmentStatus,
  EvaluationStatus,
  MinerRecord,
  OfferStatus,
  Principal,
  SourceName,
  StaticVerdict,
  UploadRecord,
} from "../core/app/index.ts";
import { ARTIFACT_KINDS, DATASET_SPLITS, TASK_ORIGINS, TASK_STATUSES, VERDICTS } from "../core/domain/index.ts";

/** Registers a GraphQL enum whose values are their own names, and returns the object that type thunks name it by. */
export function graphqlEnum(
  name: string,
  values: readonly string[],
  description?: string,
  valuesConfig: Readonly<Record<string, { readonly description: string }>> = {},
): Readonly<Record<string, string>> {
  const members = Object.freeze(Object.fromEntries(values.map((value) => [value, value])));
  registerEnumType(members, { name, ...(description === undefined ? {} : { description }), valuesConfig });
  return members;
}

/** The same of a union, complete by the compiler, with a sentence for each value. */
function describedEnum<Value extends string>(
  name: string,
  description: string,
  values: Readonly<Record<Value, string>>,
): Readonly<Record<string, string>> {
  const words = Object.entries<string>(values).map(([value, text]) => [value, { description: text }] as const);
  return graphqlEnum(name, Object.keys(values), description, Object.fromEntries(words));
}

export const TaskStatusEnum = graphqlEnum("TaskStatus", TASK_STATUSES, "Where a task is in its life.");
export const TaskOriginEnum = graphqlEnum("TaskOrigin", TASK_ORIGINS, "Who caused a task.");
export const ArtifactKindEnum = graphqlEnum("ArtifactKind", ARTIFACT_KINDS, "How a submitted model is packed.");
export const VerdictEnum = graphqlEnum("Verdict", VERDICTS, "What a finding does to a submission's score.");
export const DatasetSplitNameEnum = graphqlEnum(
  "DatasetSplitName",
  DATASET_SPLITS,
  "The three parts of a task's data.",
);
export const AccountKindEnum = graphqlEnum("AccountKind", ["CUSTOMER", "OPERATOR"], "Who holds an account.");

export const ViewerKindEnum = describedEnum<Principal["kind"]>("ViewerKind", "Who asks.", {
  ANONYMOUS: "Without a token.",
  CUSTOMER: "By an API key.",
  OPERATOR: "By an API key of the operator.",
  MINER: "By the token of a hotkey.",
});
export const MinerStatusEnum = describedEnum<MinerRecord["status"]>("MinerStatus", "Whether a miner may take part.", {
  ACTIVE: "It may.",
  SUSPENDED: "The operator has shut it out.",
});
export const OfferStatusEnum = describedEnum<OfferStatus>("OfferStatus", "What became of an offer.", {
  OPEN: "It waits for an answer.",
  ACCEPTED: "The miner takes the task.",
  DECLINED: "The miner does not.",
  EXPIRED: "No answer came in time.",
  WITHDRAWN: "The place was taken back, or given back.",
});
export const AssignmentStatusEnum = describedEnum<AssignmentStatus>(
  "AssignmentStatus",
  "How far a miner is with a task.",
  {
    ACCEPTED: "It waits for the training to start.",
    ACTIVE: "It trains.",
    SEALED: "It has handed a model in.",
    WITHDRAWN: "It gave up during the training.",
    FAILED: "It reported a failure.",
    EXPIRED: "The deadline passed without a model.",
    RELEASED: "It was freed, at no charge.",
  },
);
export const UploadStatusEnum = describedEnum<UploadRecord["status"]>("UploadStatus", "How far an upload is.", {
  OPEN: "Bytes may still come.",
  COMPLETE: "All bytes are here, and can be sealed.",
  SEALED: "It became a submission.",
  REJECTED: "It was not sealed in time.",
  CLEARED: "It was not sealed in time, and its files are removed.",
});
export const StaticVerdictStatusEnum = describedEnum<StaticVerdict["status"]>(
  "StaticVerdictStatus",
  "What intake thinks of a model.",
  { PENDING: "It has not looked yet.", VALID: "It is evaluated.", INVALID: "It is not evaluated: see the code." },
);
export const EvaluationStatusEnum = describedEnum<EvaluationStatus>("EvaluationStatus", "How an evaluation ended.", {
  COMPLETED: "With losses.",
  INVALID: "By a fault of the submission.",
  INFRASTRUCTURE: "By a fault of the platform, which charges nobody.",
});
export const SourceKindEnum = describedEnum<SourceName["kind"]>("SourceKind", "Where a model was fetched from.", {
  HUGGING_FACE: "A repository of the hub at a commit.",
  S3: "Presigned links.",
});
