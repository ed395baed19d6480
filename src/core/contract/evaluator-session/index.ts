/** For eval runners: all that they have in common but the way to start a program. */
export { evaluatorLimits, type EvaluatorLimits } from "./evaluator-limits.ts";
export type { HelloResult } from "./messages.ts";
export { introduceEvaluator, openEvaluatorSession, type SessionOptions } from "./open-session.ts";
export { startProgram, type EvaluatorProgram, type ProgramEnd } from "./start-program.ts";
