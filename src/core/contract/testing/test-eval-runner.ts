import type { EvalRunner } from "../eval-runner.ts";
import { describeChecks } from "./describe-checks.ts";
import { evalRunnerChecks, type RunnerCases } from "./eval-runner-checks.ts";

/** Tests an eval runner against evaluators that behave and that don't: see docs/plugins/kits.md. */
export function testEvalRunner(runner: EvalRunner, cases: RunnerCases): void {
  describeChecks(`eval runner ${runner.name}`, evalRunnerChecks(runner, cases), cases.skip);
}
