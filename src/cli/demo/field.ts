import type { Demo, Place } from "./demo-file.ts";
import { withSteps, type Role } from "./roles.ts";

/** A miner of the demo and what it does in the tasks of each kind that it takes. */
export interface DemoMiner {
  readonly name: string;
  readonly roles: ReadonlyMap<string, Role>;
}

export interface FieldOptions {
  /** In every task; null: as many as its demo has. */
  readonly miners: number | null;
  /** Of every trainer; null: its strategy's own. */
  readonly steps: number | null;
}

/** The miners of a demo. Those of one name are one miner, that takes tasks of several kinds. */
export function demoMiners(demos: readonly Demo[], options: FieldOptions): readonly DemoMiner[] {
  const byName = new Map<string, Map<string, Role>>();
  for (const { kind, places } of demos) {
    for (const { name, role } of extended(places, options.miners ?? places.length)) {
      const roles = byName.get(name) ?? new Map<string, Role>();
      byName.set(name, roles.set(kind, options.steps === null ? role : withSteps(role, options.steps)));
    }
  }
  return [...byName].map(([name, roles]) => ({ name, roles }));
}

/** The first of them, then trainers with the same strategies and other names, which means other seeds. */
function extended(places: readonly Place[], count: number): readonly Place[] {
  const trainers = places.filter(({ role }) => role.kind === "trainer");
  return Array.from({ length: count }, (_, index) => {
    const own = places[index];
    if (own !== undefined) return own;
    const extra = index - places.length;
    const model = trainers[extra % trainers.length];
    if (model === undefined) throw new RangeError("The demo has no trainer to take after.");
    return { name: `${model.name}-${Math.floor(extra / trainers.length) + 2}`, role: model.role };
  });
}

/** How many miners each task has. */
export const fieldSizes = (demos: readonly Demo[], miners: readonly DemoMiner[]): readonly number[] =>
  demos.map(({ kind }) => miners.filter(({ roles }) => roles.has(kind)).length);
