import { skipChecks } from "./check.ts";
import type { CheckGroup } from "./plugin-checks.ts";

/** What became of one check. */
export interface CheckResult {
  readonly name: string;
  readonly status: "ok" | "failed" | "skipped";
  /** Why it failed, or why it is skipped; empty where it is ok. */
  readonly message: string;
}

/** Runs the checks of a group one after the other, without a test runner. */
export async function runChecks({ checks, skips }: CheckGroup): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, run } of [...checks, ...skipChecks(checks, skips)]) {
    const skip = skips.find((candidate) => candidate.check === name);
    if (skip) results.push({ name, status: "skipped", message: skip.reason });
    else {
      try {
        await run();
        results.push({ name, status: "ok", message: "" });
      } catch (error) {
        results.push({ name, status: "failed", message: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  return results;
}
