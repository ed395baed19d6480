import assert from "node:assert/strict";
import type { z } from "zod";
import type { Contribution, Plugin } from "../plugin.ts";
import { ruleChecks, type RuleCases } from "./anti-gaming-rule-checks.ts";
import { artifactStoreChecks } from "./artifact-store-checks.ts";
import { check, type Check, type Skip } from "./check.ts";
import type { Conformance } from "./conformance.ts";
import { evalRunnerChecks } from "./eval-runner-checks.ts";
import { synthesizerChecks } from "./synthesizer-checks.ts";
import { taskTypeChecks } from "./task-type-checks.ts";

/** What the kits check of one contribution of a plugin. */
export interface CheckGroup {
  /** For example `task type poem`. */
  readonly title: string;
  readonly checks: readonly Check[];
  readonly skips: readonly Skip[];
}

/** Every kit's checks for what a plugin provides; a contribution without cases has one check, which fails and says so. */
export function pluginChecks(plugin: Plugin, conformance: Conformance): readonly CheckGroup[] {
  return plugin.provides.map((contribution) => groupOf(contribution, conformance));
}

function groupOf(contribution: Contribution, conformance: Conformance): CheckGroup {
  switch (contribution.type) {
    case "task-type": {
      const cases = conformance.taskTypes?.[contribution.kind] ?? { valid: [], invalid: [] };
      return group(`task type ${contribution.kind}`, taskTypeChecks(contribution, cases), cases.skip);
    }
    case "anti-gaming-rule": {
      // Fields for a rule of one task, results for a rule of a window: the checks assert which.
      const cases = (conformance.antiGamingRules?.[contribution.name] ?? { caught: [], clean: [] }) as RuleCases<never>;
      return group(`rule ${contribution.name}`, ruleChecks(contribution, cases), cases.skip);
    }
    case "eval-runner": {
      const cases = conformance.evalRunners?.[contribution.name];
      if (cases === undefined) return withoutCases(`eval runner ${contribution.name}`, "evalRunners");
      return group(`eval runner ${contribution.name}`, evalRunnerChecks(contribution, cases), cases.skip);
    }
    case "synthesizer": {
      const cases = conformance.synthesizers?.[contribution.name];
      if (cases === undefined) return withoutCases(`synthesizer ${contribution.name}`, "synthesizers");
      const options: z.output<typeof contribution.options> = contribution.options.parse(cases.options);
      const checks = synthesizerChecks((host) => contribution.create(options, host), cases);
      return group(`synthesizer ${contribution.name}`, checks, cases.skip);
    }
    case "artifact-store": {
      const cases = conformance.artifactStores?.[contribution.name];
      if (cases === undefined) return withoutCases(`artefact store ${contribution.name}`, "artifactStores");
      const options: z.output<typeof contribution.options> = contribution.options.parse(cases.options);
      const checks = artifactStoreChecks((host) => contribution.create(options, host));
      return group(`artefact store ${contribution.name}`, checks, cases.skip);
    }
    case "weight-publisher":
      return group(`weight publisher ${contribution.name}`, [
        check("is a frozen weight publisher of this plugin API", () => {
          assert(Object.isFrozen(contribution) && contribution.api === 1, "make it with defineWeightPublisher");
          const refused = !contribution.options.safeParse({ anUnknownOption: 1 }).success;
          assert(refused, "options must be a z.strictObject");
        }),
      ]);
  }
}

const group = (title: string, checks: readonly Check[], skips: readonly Skip[] = []): CheckGroup => ({
  title,
  checks,
  skips,
});

const withoutCases = (title: string, section: keyof Conformance): CheckGroup =>
  group(title, [
    check("has cases that say something", () => {
      throw new Error(`there are no cases: export them by default from "./conformance", under ${section}`);
    }),
  ]);
