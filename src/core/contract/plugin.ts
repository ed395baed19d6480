import type { z } from "zod";
import type { AntiGamingRule, TaskRule, WindowRule } from "./anti-gaming-rule.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import type { EvalRunner } from "./eval-runner.ts";
import type { Hooks } from "./hooks.ts";
import type { Synthesizer } from "./synthesizer.ts";
import type { AnyTaskType, TaskType } from "./task-type.ts";
import type { WeightPublisher } from "./weight-publisher.ts";

/** The version of this contract. A plugin made for another one is refused at start. */
export const PLUGIN_API = 1 as const;

export type Contribution = AnyTaskType | EvalRunner | AntiGamingRule | Synthesizer | ArtifactStore | WeightPublisher;

/** What a plugin package exports by default. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly api: typeof PLUGIN_API;
  readonly provides: readonly Contribution[];
  readonly hooks?: Hooks;
}

type Described<T> = Omit<T, "type" | "api">;

/** Freezes the description of a task type. */
export const defineTaskType = <S extends z.ZodObject, O extends z.ZodType>(description: Described<TaskType<S, O>>) =>
  Object.freeze({ ...description, type: "task-type", api: PLUGIN_API }) as TaskType<S, O>;

/** Freezes the description of an eval runner. */
export const defineEvalRunner = <O extends z.ZodObject>(description: Described<EvalRunner<O>>) =>
  Object.freeze({ ...description, type: "eval-runner", api: PLUGIN_API }) as EvalRunner<O>;

/** Freezes a rule that judges one task's field. */
export const defineTaskRule = <O extends z.ZodObject>(description: Omit<Described<TaskRule<O>>, "scope">) =>
  Object.freeze({ ...description, scope: "task", type: "anti-gaming-rule", api: PLUGIN_API }) as TaskRule<O>;

/** Freezes a rule that judges a window of results. */
export const defineWindowRule = <O extends z.ZodObject>(description: Omit<Described<WindowRule<O>>, "scope">) =>
  Object.freeze({ ...description, scope: "window", type: "anti-gaming-rule", api: PLUGIN_API }) as WindowRule<O>;

/** Freezes the description of a synthesizer. */
export const defineSynthesizer = <O extends z.ZodObject>(description: Described<Synthesizer<O>>) =>
  Object.freeze({ ...description, type: "synthesizer", api: PLUGIN_API }) as Synthesizer<O>;

/** Freezes the description of an artefact store. */
export const defineArtifactStore = <O extends z.ZodObject>(description: Described<ArtifactStore<O>>) =>
  Object.freeze({ ...description, type: "artifact-store", api: PLUGIN_API }) as ArtifactStore<O>;

/** Freezes the description of a weight publisher. */
export const defineWeightPublisher = <O extends z.ZodObject>(description: Described<WeightPublisher<O>>) =>
  Object.freeze({ ...description, type: "weight-publisher", api: PLUGIN_API }) as WeightPublisher<O>;

/** Freezes a plugin: a name, a version and the contributions it provides. */
export const definePlugin = (description: Omit<Plugin, "api">): Plugin =>
  Object.freeze({ ...description, api: PLUGIN_API, provides: Object.freeze([...description.provides]) });
