/** The use cases, the ports that they need and the records that they keep: all that other layers import of app. */
export type * from "./app.ts";
export * from "./errors.ts";
export * from "./jobs.ts";
export type * from "./ports.ts";
export * from "./principal.ts";
export type * from "./records.ts";
export * from "./registry.ts";
export type * from "./settings.ts";
export { respondToOffer } from "./recruiting/respond-to-offer.ts";
export { scheduleSyntheticTasks } from "./synthetic/schedule-synthetic-tasks.ts";
export { advanceTask, settleTask } from "./tasks/advance-task.ts";
export { cancelTask } from "./tasks/cancel-task.ts";
export { createTask, type CreateTaskInput } from "./tasks/create-task.ts";
export { extendForDowntime, recordServerHeartbeat } from "./tasks/extend-for-downtime.ts";
export { failTask } from "./tasks/fail-task.ts";
export { retryEvaluation } from "./tasks/retry-evaluation.ts";
export { publishMissingWeights } from "./weights/publish-weights.ts";
