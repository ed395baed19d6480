export type { CodeFaultKind, CodeResult } from "./code-fault.ts";
export { createSandbox, type Sandbox } from "./sandbox.ts";
