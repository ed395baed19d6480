/* oxlint-disable vitest/expect-expect, vitest/valid-title, vitest/no-conditional-tests, vitest/no-disabled-tests -- the checks are tests whose names and assertions come from a kit */
import { describe, it } from "vitest";
import { skipChecks, type Check, type Skip } from "./check.ts";

/** Turns checks into tests; skipped ones are shown as skipped, with the reason. */
export function describeChecks(title: string, checks: readonly Check[], skips: readonly Skip[] = []): void {
  describe(title, () => {
    for (const { name, run } of checks) {
      const skip = skips.find((candidate) => candidate.check === name);
      if (skip) it.skip(`${name} (skipped: ${skip.reason})`, run);
      else it(name, run);
    }
    for (const { name, run } of skipChecks(checks, skips)) it(name, run);
  });
}
