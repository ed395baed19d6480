import type { Llama, TokenRules } from "../engine/index.ts";

/** A file of rendered rows, and what else is needed to read it. */
export interface RowSource {
  /** What error messages call it. */
  readonly name: string;
  readonly file: string;
  readonly rules: TokenRules;
  /** The task's base model as it is. */
  readonly base: Llama;
}

/** Rows of one set that any number of models are evaluated on. */
export interface EvaluationSet {
  readonly rows: number;
  /**
   * What `evaluate` answers for this set; with `tokens`, each row's token ids too. Yields the number of rows done
   * after each batch. A loss that is not finite is a ModelError.
   */
  evaluate(model: Llama, options: { readonly tokens: boolean }): Generator<number, object>;
}

/** Rows of one file that a model is trained on. */
export interface TrainingSet {
  readonly rows: number;
  /** Runs the model on these rows while the tape records, and sets the gradient that `backward` starts from. */
  forward(model: Llama, rows: readonly number[]): TrainingLoss;
}

export interface TrainingLoss {
  /** Mean over the rows. */
  readonly loss: number;
  /** All tokens that were read. */
  readonly tokens: number;
}

/** What a task's models are evaluated and trained on: the one place that knows its loss, its rows and its options. */
export interface Objective {
  readonly name: string;
  /** @throws z.ZodError where the options are not the objective's. */
  configure(options: unknown): ConfiguredObjective;
}

export interface ConfiguredObjective {
  /** @throws {Error} naming the bad row. */
  evaluationSet(source: RowSource): EvaluationSet;
  /** `source.base` is the model that will be trained, before its first step. @throws {Error} naming the bad row. */
  trainingSet(source: RowSource): TrainingSet;
}
