import type { Arena, Outcome } from "./an-arena.ts";

/** One way to do harm, and how it must end. */
export interface Attack extends Outcome {
  /** A sentence's subject: "a pickle under the name of weights". */
  readonly name: string;
  run(arena: Arena): Promise<Outcome>;
}

/** Attacks that end alike. */
export const endingAt = (ending: Outcome, attacks: Readonly<Record<string, Attack["run"]>>): readonly Attack[] =>
  Object.entries(attacks).map(([name, run]) => ({ ...ending, name, run }));
