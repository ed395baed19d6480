/** The conformance kits: every contract ships with the suite that proves it. */
export type { EvaluatorCases, EvaluatorWorld } from "./evaluator-checks.ts";
export type { RunnerCases, RunnerWorld } from "./eval-runner-checks.ts";
export type { SynthesizerCases } from "./synthesizer-checks.ts";
export type { TaskTypeCases, ValidTaskCase, InvalidTaskCase } from "./task-type-cases.ts";
export type { CaughtCase, CleanCase, RuleCases } from "./anti-gaming-rule-checks.ts";
export type { Check, Skip } from "./check.ts";
export { taskTypeCases, type AnyTaskTypeCases, type Conformance } from "./conformance.ts";
export { arrangeScriptedWorld, scriptedEvaluator } from "./scripted-runner-cases.ts";
export { aField, type SubmissionDraft } from "./field-builders.ts";
export { createTestHost, type TestHost } from "./test-host.ts";
export { testAntiGamingRule } from "./test-anti-gaming-rule.ts";
export { testArtifactStore } from "./test-artifact-store.ts";
export { testEvaluator } from "./test-evaluator.ts";
export { testPlugin } from "./test-plugin.ts";
export { testEvalRunner } from "./test-eval-runner.ts";
export { testSynthesizer } from "./test-synthesizer.ts";
export { testTaskType } from "./test-task-type.ts";
export { testWeightPublisher } from "./test-weight-publisher.ts";
