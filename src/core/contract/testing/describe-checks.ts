/* oxlint-disable vitest/expect-expect, vitest/valid-title, vitest/no-conditional-tests, vitest/no-disabled-tests -- the checks are tests whose names and assertions come from a kit */
import { skipChecks, type Check, type Skip } from "./check.ts";

// Servers have no vitest, and `gradients plugin check` runs the same checks there.
const vitest = await import("vitest").catch(() => null);

/** Turns checks into tests; skipped ones are shown as skipped, with the reason. @throws Error where vitest is not installed */
export function describeChecks(title: string, checks: readonly Check[], skips: readonly Skip[] = []): void {
  if (vitest === null) throw new Error("the kits declare vitest tests: install vitest and run them with it");
  const { describe, it } = vitest;
  describe(title, () => {
    for (const { name, run } of checks) {
      const skip = skips.find((candidate) => candidate.check === name);
      if (skip) it.skip(`${name} (skipped: ${skip.reason})`, run);
      else it(name, run);
    }
    for (const { name, run } of skipChecks(checks, skips)) it(name, run);
  });
}
