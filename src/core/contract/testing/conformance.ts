import type { z } from "zod";
import type { TaskType } from "../task-type.ts";
import type { RuleCases } from "./anti-gaming-rule-checks.ts";
import type { RunnerCases } from "./eval-runner-checks.ts";
import type { SynthesizerCases } from "./synthesizer-checks.ts";
import type { InvalidTaskCase, TaskTypeCases, ValidTaskCase } from "./task-type-cases.ts";
import type { Skip } from "./check.ts";
import type { JudgedField, WindowResult } from "../anti-gaming-rule.ts";

/** Cases of a task type whose spec type the holder does not know. */
export interface AnyTaskTypeCases {
  readonly valid: readonly ValidTaskCase<z.ZodObject>[];
  readonly invalid: readonly InvalidTaskCase[];
  readonly skip?: readonly Skip[];
}

/**
 * A plugin's own cases for the kits, by the names of what it provides. A package exports them by default from its
 * subpath `./conformance`, where `gradients plugin check` finds them.
 */
export interface Conformance {
  readonly taskTypes?: Readonly<Record<string, AnyTaskTypeCases>>;
  readonly antiGamingRules?: Readonly<Record<string, RuleCases<JudgedField> | RuleCases<readonly WindowResult[]>>>;
  readonly evalRunners?: Readonly<Record<string, RunnerCases>>;
  readonly synthesizers?: Readonly<Record<string, SynthesizerCases & { readonly options: unknown }>>;
  readonly artifactStores?: Readonly<Record<string, { readonly options: unknown; readonly skip?: readonly Skip[] }>>;
  readonly weightPublishers?: Readonly<Record<string, { readonly options: unknown; readonly skip?: readonly Skip[] }>>;
}

/** Checks the types of a task type's cases against its spec. */
export const taskTypeCases = <S extends z.ZodObject, O extends z.ZodType>(
  _type: TaskType<S, O>,
  cases: TaskTypeCases<S>,
): AnyTaskTypeCases => cases;
