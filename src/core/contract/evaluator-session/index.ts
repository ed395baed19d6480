/** For eval runners: all that they have in common but the way to start a program. */
export type { EvaluatorLimits } from "./evaluator-client.ts";
export type { HelloResult } from "./messages.ts";
export { introduceEvaluator, openEvaluatorSession, type SessionOptions } from "./open-session.ts";
export { startProgram, type EvaluatorProgram, type ProgramEnd } from "./start-program.ts";
