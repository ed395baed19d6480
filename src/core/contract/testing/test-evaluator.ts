import { describeChecks } from "./describe-checks.ts";
import { evaluatorChecks, type EvaluatorCases } from "./evaluator-checks.ts";

/** Tests an evaluator program, given as a command, against docs/evaluator-protocol.md: see docs/plugins/kits.md. */
export function testEvaluator(name: string, command: readonly string[], cases: EvaluatorCases): void {
  describeChecks(`evaluator ${name}`, evaluatorChecks(command, cases), cases.skip);
}
