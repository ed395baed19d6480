/** Who caused a task: a customer, the scheduler (or operator) to fill in, or the operator to measure. */
export const TASK_ORIGINS = Object.freeze(["ORGANIC", "SYNTHETIC", "BENCHMARK"] as const);
export type TaskOrigin = (typeof TASK_ORIGINS)[number];

/** The three parts of a task's data: what miners get, what ranks them, and rewrites of what ranks them. */
export const DATASET_SPLITS = Object.freeze(["TRAIN", "TEST", "SYNTH"] as const);
export type DatasetSplit = (typeof DATASET_SPLITS)[number];

/** How a submitted model is packed: an adapter for the task's base, or a whole model. */
export const ARTIFACT_KINDS = Object.freeze(["LORA", "FULL"] as const);
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/** A pinned base model; `parameterCount` counts tied tensors once. */
export interface BaseModel {
  readonly repo: string;
  readonly revision: string;
  readonly parameterCount: number;
}
