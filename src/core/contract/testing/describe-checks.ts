/* oxlint-disable vitest/expect-expect, vitest/valid-title, vitest/no-conditional-tests, vitest/no-disabled-tests -- the checks are tests whose names and assertions come from a kit */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Vitest from "vitest";
import { skipChecks, type Check, type Skip } from "./check.ts";

/**
 * The author's vitest: the copy that runs the tests in the folder that they are started in. Gradients may be installed where
 * it would find none, or another one. Servers have none, and `gradients plugin check` runs the same checks there.
 */
async function findVitest(): Promise<typeof Vitest | null> {
  try {
    const place = createRequire(join(process.cwd(), "package.json")).resolve("vitest/package.json");
    // What vitest gives to `import` under its name; `require` would get a file that refuses.
    return await import(pathToFileURL(join(dirname(place), "dist", "index.js")).href);
  } catch {
    return import("vitest").catch(() => null);
  }
}

const vitest = await findVitest();

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
