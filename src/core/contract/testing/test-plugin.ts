import type { Plugin } from "../plugin.ts";
import type { Conformance } from "./conformance.ts";
import { describeChecks } from "./describe-checks.ts";
import { pluginChecks } from "./plugin-checks.ts";

/** Tests all that a plugin provides with the kit of each: see docs/plugins/kits.md. */
export function testPlugin(plugin: Plugin, conformance: Conformance): void {
  for (const { title, checks, skips } of pluginChecks(plugin, conformance)) describeChecks(title, checks, skips);
}
