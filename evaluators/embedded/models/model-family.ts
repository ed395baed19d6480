import type { Adapter, LoraOptions, Tensor, WeightTensor } from "../engine/index.ts";

/** A model in the engine, of any architecture. */
export interface EngineModel {
  /** Its parsed config.json. */
  readonly config: object;
  readonly adapter: Adapter | undefined;
  /** What an optimiser should train. */
  readonly trainable: readonly Tensor[];
  /** A copy of the base weights as they are now. */
  weights(): ReadonlyMap<string, WeightTensor>;
}

/** What gets gradients: all weights, or a fresh adapter's. */
export type Training = { readonly method: "full" } | { readonly method: "lora"; lora: LoraOptions; seed: number };

export interface SubmissionFolder {
  readonly path: string;
  readonly artifactKind: "LORA" | "FULL";
  /** Names of the base that an adapter may give; any where absent. */
  readonly names?: readonly string[];
}

/** An architecture: how its models are read, trained and written. Faults of somebody's files are ModelErrors. */
export interface ModelFamily<Model extends EngineModel> {
  /** Nothing gets gradients where `training` is absent. */
  load(folder: string, training?: Training): Model;
  /** A submission for this base, whose tensors a LORA shares. */
  loadSubmission(base: Model, submission: SubmissionFolder): Model;
  /** The longest input, in tokens. */
  contextLength(model: Model): number;
  /** PEFT's name for what the family's models do; null where PEFT has none. */
  readonly peftTaskType: string | null;
}
