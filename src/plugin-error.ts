import type { PluginProblem } from "./core/app/index.ts";

/** The operator chose plugins that can't be used: all problems, one line each. */
export class PluginError extends Error {
  readonly problems: readonly PluginProblem[];
  constructor(problems: readonly PluginProblem[]) {
    super(problems.map(({ code, origin, message }) => `${code} (${origin}): ${message}`).join("\n"));
    this.name = "PluginError";
    this.problems = problems;
  }
}
