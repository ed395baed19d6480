export type { CodeFault, CodeFaultKind, CodeResult } from "./code-fault.ts";
export { SANDBOX_LIMITS } from "./limits.ts";
export type { CodeCall } from "./quick-js.ts";
export { createSandbox, type Sandbox } from "./sandbox.ts";
