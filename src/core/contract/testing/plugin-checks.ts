import assert from "node:assert/strict";
import type { Contribution, Plugin } from "../plugin.ts";
import { ruleChecks, type RuleCases } from "./anti-gaming-rule-checks.ts";
import { artifactStoreChecks, type MakeStore } from "./artifact-store-checks.ts";
import { check, type Check, type Skip } from "./check.ts";
import type { Conformance } from "./conformance.ts";
import { evalRunnerChecks } from "./eval-runner-checks.ts";
import { synthesizerChecks, type MakeSynthesizer } from "./synthesizer-checks.ts";
import { taskTypeChecks } from "./task-type-checks.ts";
import { weightPublisherChecks, type MakePublisher } from "./weight-publisher-checks.ts";

/** What the kits check of one contribution of a plugin. */
export interface CheckGroup {
  /** For example `task type poem`. */
  readonly title: string;
  readonly checks: readonly Check[];
  readonly skips: readonly Skip[];
}

/** Every kit's checks for what a plugin provides; a contribution without cases has one check, which fails and says so. */
export function pluginChecks(plugin: Plugin, conformance: Conformance): readonly CheckGroup[] {
  return plugin.provides.map((contribution) => {
    try {
      return groupOf(contribution, conformance);
    } catch (error) {
      // The author's cases are no lists, or not of what their type says.
      const name = contribution.type === "task-type" ? contribution.kind : contribution.name;
      return group(`${contribution.type} ${name}`, [check("has cases that can be read", () => Promise.reject(error))]);
    }
  });
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
      const make: MakeSynthesizer = (host) => contribution.create(contribution.options.parse(cases.options), host);
      const checks = [frozen(contribution), ...synthesizerChecks(make, cases)];
      return group(`synthesizer ${contribution.name}`, checks, cases.skip);
    }
    case "artifact-store": {
      const cases = conformance.artifactStores?.[contribution.name];
      if (cases === undefined) return withoutCases(`artefact store ${contribution.name}`, "artifactStores");
      const make: MakeStore = (host) => contribution.create(contribution.options.parse(cases.options), host);
      const checks = [frozen(contribution), ...artifactStoreChecks(make)];
      return group(`artefact store ${contribution.name}`, checks, cases.skip);
    }
    case "weight-publisher": {
      const cases = conformance.weightPublishers?.[contribution.name];
      if (cases === undefined) return withoutCases(`weight publisher ${contribution.name}`, "weightPublishers");
      const make: MakePublisher = (host) => contribution.create(contribution.options.parse(cases.options), host);
      const checks = [frozen(contribution), ...weightPublisherChecks(make)];
      return group(`weight publisher ${contribution.name}`, checks, cases.skip);
    }
  }
}

const frozen = (contribution: Contribution): Check =>
  check("is frozen", () => {
    assert(Object.isFrozen(contribution), "make it with the define function of its kind");
  });

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
