/** The arithmetic of Gradients: pure functions over plain values. Nothing here knows a task type, a clock or a database. */
export * from "./canonical-json.ts";
export * from "./commitment.ts";
export * from "./findings.ts";
export * from "./lifecycle.ts";
export * from "./losses.ts";
export * from "./params.ts";
export * from "./result.ts";
export * from "./rng.ts";
export * from "./scoring/index.ts";
export * from "./seeds.ts";
export * from "./selection.ts";
export { compareIds } from "./sorted-entries.ts";
export * from "./splits.ts";
export * from "./statistics.ts";
export * from "./task-mix.ts";
export * from "./time-budget.ts";
export * from "./vocabulary.ts";
export * from "./weight-set.ts";
