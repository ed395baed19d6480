/** What code of a task may use in one call. Every evaluator has the same limits, so that all refuse the same code. */
export const SANDBOX_LIMITS = Object.freeze({
  /** WebAssembly memory of the QuickJS instance, its own needs included. */
  memoryBytes: 32 * 1024 * 1024,
  /** Of the interpreter's own stack: some thousand nested calls. */
  stackBytes: 256 * 1024,
  /** QuickJS asks once in about 10,000 loop turns, calls or steps of a regular expression whether it may go on. */
  interrupts: 1000,
  /** For what QuickJS never asks in: a built-in function that loops by itself. By the clock, so generous. */
  wallMs: 10_000,
});
