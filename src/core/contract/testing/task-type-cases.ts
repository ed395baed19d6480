import type { z } from "zod";
import type { JsonObject } from "../json.ts";
import type { Losses, Row, TaskFacts } from "../task-type.ts";
import type { Skip } from "./check.ts";

/** A spec that the type must accept, with what follows from it. */
export interface ValidTaskCase<S extends z.ZodObject> {
  readonly name: string;
  readonly spec: z.input<S>;
  readonly facts?: Partial<TaskFacts>;
  /** Rows by role that must be accepted, with their rendering where it is given. */
  readonly rows?: readonly { readonly row: Row; readonly rendered?: JsonObject }[];
  /** An evaluator's output that must be accepted. */
  readonly output?: unknown;
  /** What the output must amount to: the golden values of the type. */
  readonly losses?: Partial<Losses>;
  readonly weightedLoss?: number;
  readonly hours?: readonly [min: number, max: number];
}

/** Something that the type must refuse: a spec, a row (by role) or an evaluator's output, and the path of the refusal. */
export interface InvalidTaskCase {
  readonly name: string;
  /** With a row or an output: the valid spec that it belongs to. */
  readonly spec: unknown;
  readonly row?: unknown;
  readonly output?: unknown;
  /** Path of the refused field with dots, for example "columns.output"; "" is the whole value. */
  readonly at: string;
}

export interface TaskTypeCases<S extends z.ZodObject> {
  readonly valid: readonly ValidTaskCase<S>[];
  readonly invalid: readonly InvalidTaskCase[];
  readonly skip?: readonly Skip[];
}

/** Facts of a task of usual size. */
export const usualFacts: TaskFacts = {
  taskId: "00000000-0000-8000-8000-000000000001",
  parameterCount: 7_000_000_000,
  rows: 20_000,
  contextLength: 2048,
  baseConfig: {},
};
