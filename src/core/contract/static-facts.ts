import type { StaticFacts } from "./anti-gaming-rule.ts";

/** True where intake alone shows that the model is no fine-tune of the task's base: other submissions are never compared with it. */
export function failsStatically(facts: StaticFacts): boolean {
  return facts.equalsBase || facts.wrongBase || facts.wrongArchitecture;
}
