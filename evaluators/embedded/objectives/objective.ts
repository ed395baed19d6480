import type { Llama, Tokenizer } from "../engine/index.ts";
import type { EngineModel } from "../models/model-family.ts";

/** How texts become tokens for this base. */
export interface ReadingRules<Model extends EngineModel> {
  readonly tokenizer: Tokenizer;
  readonly config: Model["config"];
  /** Longest token sequence that the task allows. */
  readonly contextLength: number;
}

/** A file of rendered rows, and what else is needed to read it. */
export interface RowSource<Model extends EngineModel = Llama> {
  /** What error messages call it. */
  readonly name: string;
  readonly file: string;
  readonly rules: ReadingRules<Model>;
  /** The task's base model as it is. */
  readonly base: Model;
  /** Hex seed for objectives that draw numbers. */
  readonly seed?: string;
}

export interface EvaluationOptions {
  readonly tokens: boolean;
  /** Unparsed; only for sets that take them. */
  readonly completions?: unknown;
}

/** Rows of one set that any number of models are evaluated on. */
export interface EvaluationSet<Model extends EngineModel = Llama> {
  readonly rows: number;
  /** True where a request may bring the completions along that the set would else sample. */
  readonly takesCompletions?: boolean;
  /**
   * What `evaluate` answers for this set; with `tokens`, each row's token ids too. Yields the number of rows done
   * after each batch. A loss that is not finite is a ModelError.
   */
  evaluate(model: Model, options: EvaluationOptions): Generator<number, object>;
}

/** Rows of one file that a model is trained on. */
export interface TrainingSet<Model extends EngineModel = Llama> {
  readonly rows: number;
  /** Runs the model on these rows while the tape records, and sets the gradient that `backward` starts from. */
  forward(model: Model, rows: readonly number[]): TrainingLoss;
}

export interface TrainingLoss {
  /** Mean over the rows. */
  readonly loss: number;
  /** All tokens that were read. */
  readonly tokens: number;
}

/** What a task's models are evaluated and trained on: the one place that knows its loss, its rows and its options. */
export interface Objective<Model extends EngineModel = Llama> {
  readonly name: string;
  /** @throws z.ZodError where the options are not the objective's. */
  configure(options: unknown): ConfiguredObjective<Model>;
}

export interface ConfiguredObjective<Model extends EngineModel = Llama> {
  /** @throws {Error} naming the bad row. */
  evaluationSet(source: RowSource<Model>): EvaluationSet<Model>;
  /** `source.base` is the model that will be trained, before its first step. @throws {Error} naming the bad row. */
  trainingSet(source: RowSource<Model>): TrainingSet<Model>;
}
