import type { z } from "zod";
import type { ArtifactKind } from "../domain/index.ts";
import type { Json, JsonObject } from "./json.ts";

export type { ArtifactKind };

/** What a task type may know about a task when it answers a question. */
export interface TaskFacts {
  readonly taskId: string;
  /** Parameters of the base model, tied tensors counted once. */
  readonly parameterCount: number;
  /** Rows of the whole dataset, before the split. */
  readonly rows: number;
  /** Tokens (or the type's own unit) that the base can see at once. */
  readonly contextLength: number;
  /** The base's config.json, or a pipeline's model_index.json: says which family of models it belongs to. */
  readonly baseConfig: JsonObject;
}

/** A file that shows something of an evaluated model beside its numbers, served with the results. */
export interface Attachment {
  /** File name, for example "contact-sheet.png". */
  readonly name: string;
  readonly mediaType: string;
  readonly base64: string;
}

/** One column that the type reads: the role is the type's own field, the column is the customer's. */
export interface ColumnRole {
  readonly role: string;
  readonly column: string;
  readonly required: boolean;
}

/**
 * A row after column mapping: role -> text; a column of lists or objects comes as JSON text. Parsed by `rowSchema` before
 * anything else sees it.
 */
export type Row = Readonly<Record<string, string>>;

/** One number that the type reports, for leaderboards and plots. */
export interface MetricDescriptor {
  readonly name: string;
  readonly direction: "lower" | "higher";
  readonly unit: string;
  readonly description: string;
}

/** The losses of one evaluated model. Lower is better; every number is finite. */
export interface Losses {
  readonly testLoss: number;
  /** Null where the type has no SYNTH split or the task went on without it. */
  readonly synthLoss: number | null;
  /** The metric vector that duplicate detection compares, in a fixed order of names. */
  readonly components: Readonly<Record<string, number>>;
  /** Loss of each row of the split, in the order of the split's file. */
  readonly rowLosses: { readonly test: readonly number[]; readonly synth: readonly number[] | null };
  /** Other numbers by metric name (the token-weighted mean, a reward, an accuracy …). */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What the evaluator computes: it knows objectives, never task kinds. */
export interface Objective {
  readonly name: string;
  readonly options: JsonObject;
}

/** Which of a generator's models writes an answer. */
export type AnswerModel = "strong" | "weak";

/** How SYNTH rows are made from TEST rows: which roles are rewritten and which stay as they are. */
export interface Synthesis {
  /** Sampling temperature for generators that sample (spec section 4: 0.6 for text). */
  readonly temperature: number;
  readonly rewrite: readonly string[];
  readonly keep: readonly string[];
  /** Roles that models of this strength answer anew after the rewriting; a generator without models leaves them as they are. */
  readonly answers?: Readonly<Record<string, AnswerModel>>;
}

/**
 * Makes rows out of nothing, for synthetic tasks that have no dataset of anybody's (spec section 4: style and resolution,
 * prompt, image). Pure: the same options and random numbers give the same row.
 */
export interface RowGenerator<Options extends z.ZodObject = z.ZodObject> {
  /** Strict, and complete by its defaults. */
  readonly options: Options;
  /** One row by role; rows that are drawn one after the other from the same `rng` differ. */
  generate(options: z.output<Options>, rng: () => number): Row;
}

/**
 * A kind of fine-tuning task: everything that core must ask about it, as data and pure functions.
 *
 * All functions are pure: same arguments, same answer; they get deep-frozen arguments in the conformance kit.
 */
export interface TaskType<Spec extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> {
  readonly type: "task-type";
  readonly api: 1;
  /** Lower-case kebab name stored with each task, for example in `tasks.kind`. */
  readonly kind: string;
  /** GraphQL object type; core derives `<name>`, `<name>Spec`, `<name>SpecInput` and `create<name>` from it. */
  readonly graphqlName: string;
  readonly title: string;
  readonly description: string;
  readonly specVersion: number;
  /** Strict zod object of the customer's options: column names and type-specific settings, all JSON. */
  readonly spec: Spec;
  /** From version n to n+1, so that old rows can still be read. */
  readonly migrateSpec?: Readonly<Record<number, (old: unknown) => unknown>>;
  /** Share of synthetic tasks (rho of spec section 2) before renormalisation. */
  readonly share: number;
  /** Miners per task, both ends included (spec section 3). */
  readonly pool: { readonly min: number; readonly max: number };
  readonly artifactKinds: readonly ArtifactKind[];
  /** Two losses closer than this are the same number (spec section 6). */
  readonly tolerance: number;
  readonly metrics: readonly MetricDescriptor[];
  readonly synthesis: Synthesis | null;
  /** Where synthetic tasks of this type may get rows from; a type without it needs a dataset for them. */
  readonly generator?: RowGenerator;
  /**
   * Why a base with this config (see TaskFacts.baseConfig) can't be fine-tuned by this type, as a sentence that starts
   * with "expected"; null where it can. A type without this question takes any base.
   */
  baseProblem?(config: JsonObject): string | null;
  /** Allowed budget in hours for a dataset of this size: [min, max] (eq 3, 4). */
  timeBudgetHours(facts: TaskFacts): readonly [min: number, max: number];
  columns(spec: z.output<Spec>): readonly ColumnRole[];
  /**
   * Schema of one row after column mapping; its messages name the broken rule. It may take roles of its own out of a
   * column's text, for `synthesis` to name (one turn of a conversation); a parsed row parses to itself.
   */
  rowSchema(spec: z.output<Spec>): z.ZodType<Row>;
  /** The row as the evaluator and the miners get it, for example `{segments: [{text, counts}]}`. */
  render(row: Row, spec: z.output<Spec>): JsonObject;
  objective(spec: z.output<Spec>, facts: TaskFacts): Objective;
  /** True where a task of this spec brings code of the customer's along: the operator must allow it. None by default. */
  carriesCode?(spec: z.output<Spec>): boolean;
  /**
   * True where an evaluator may find fault with the task itself as soon as it reads the rows: then a session is opened
   * once at preparation, before anything is spent. False by default.
   */
  rehearses?(spec: z.output<Spec>): boolean;
  /** Parses what an evaluator printed: NaN, infinity, missing and extra fields must be refused. */
  readonly evalOutput: Output;
  losses(output: z.output<Output>, spec: z.output<Spec>): Losses;
  /** Files made from an evaluator's output, for types that have more to show than numbers. */
  attachments?(output: z.output<Output>, spec: z.output<Spec>): readonly Attachment[];
  /** The number that ranks (eq 5-8): finite for finite losses, monotone in each of them. */
  weightedLoss(losses: Pick<Losses, "testLoss" | "synthLoss">): number;
}

/** @internal A task type whose spec type is unknown to the holder: parse with `spec` before calling anything else. */
export type AnyTaskType = TaskType;

export type { Json };
