export * from "./final.ts";
export { originalPolicy } from "./original-policy.ts";
export * from "./policies.ts";
export type * from "./policy.ts";
export * from "./rank.ts";
export * from "./task-weight.ts";
export * from "./temporal.ts";
