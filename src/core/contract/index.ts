/** The plugin API: all that a plugin author imports. */
export type * from "./anti-gaming-rule.ts";
export type * from "./artifact-store.ts";
export * from "./eval-runner.ts";
export * from "./evaluator-session/index.ts";
export type * from "./hooks.ts";
export type * from "./json.ts";
export * from "./language-model-problem.ts";
export * from "./plugin.ts";
export type * from "./plugin-host.ts";
export * from "./prompt-template.ts";
export * from "./static-facts.ts";
export type * from "./synthesizer.ts";
export type * from "./task-type.ts";
export * from "./token-cross-entropy.ts";
export type * from "./weight-publisher.ts";
/** Arithmetic of the market that plugins share. */
export {
  compareIds,
  createRng,
  differenceStandardError,
  mean,
  populationStandardDeviation,
  shuffle,
  timeBudgetHours,
  weightedImageLoss,
  weightedTextLoss,
  type Finding,
  type Verdict,
} from "../domain/index.ts";
