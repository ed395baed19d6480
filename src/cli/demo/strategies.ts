/** How a demo miner trains: what the embedded trainer takes as `--strategy`, but for its seed. */
export type DemoStrategy = {
  readonly learningRate: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly warmup: number;
  readonly schedule: "cosine";
} & ({ readonly method: "full" } | { readonly method: "lora"; readonly rank: number; readonly alpha: number });

/** Budgets are steps, not seconds: the results do not depend on the machine's load. */
const steady = { batchSize: 16, warmup: 10, schedule: "cosine" } as const;

const full = (learningRate: number, steps: number, batchSize: number = steady.batchSize): Role => ({
  kind: "trainer",
  strategy: { method: "full", learningRate, ...steady, steps, batchSize },
});

const lora = (rank: number, learningRate: number, steps: number): Role => ({
  kind: "trainer",
  strategy: { method: "lora", rank, alpha: 2 * rank, learningRate, ...steady, steps },
});

/** What a miner of the demo does for a living. */
export type Role =
  | { readonly kind: "trainer"; readonly strategy: DemoStrategy }
  /** Hands in another miner's folder under a second account, after the other has sealed. */
  | { readonly kind: "copier"; readonly of: string }
  /** Hands in the base model as its own work. */
  | { readonly kind: "untouched" };

export interface DemoMiner {
  readonly name: string;
  readonly role: Role;
}

/** In the order in which `--miners` takes them; what these strategies reach is in docs/datasets.md. */
const ROSTER: readonly DemoMiner[] = [
  { name: "ada", role: full(1e-3, 200) },
  { name: "ben", role: lora(8, 1e-2, 150) },
  { name: "copycat", role: { kind: "copier", of: "ada" } },
  { name: "sloth", role: { kind: "untouched" } },
  { name: "cleo", role: lora(2, 3e-3, 150) },
  { name: "dan", role: lora(4, 1e-3, 150) },
  { name: "eve", role: full(1e-2, 200, 8) },
  { name: "finn", role: full(1e-4, 120) },
];

export const DEFAULT_MINERS = ROSTER.length;

/** The demo's miners: the roster's first ones, then trainers with the same strategies and other seeds; all with `steps` steps where given. */
export function demoMiners(count: number, steps: number | null = null): readonly DemoMiner[] {
  return roster(count).map(({ name, role }) => ({ name, role: steps === null ? role : withSteps(role, steps) }));
}

function withSteps(role: Role, steps: number): Role {
  if (role.kind !== "trainer") return role;
  return {
    ...role,
    strategy: { ...role.strategy, steps, warmup: Math.min(role.strategy.warmup, Math.floor(steps / 10)) },
  };
}

function roster(count: number): readonly DemoMiner[] {
  const trainers = ROSTER.filter(({ role }) => role.kind === "trainer");
  return Array.from({ length: count }, (_, index) => {
    const own = ROSTER[index];
    if (own !== undefined) return own;
    const extra = index - ROSTER.length;
    const model = trainers[extra % trainers.length];
    if (model === undefined) throw new RangeError("The roster has no trainer.");
    return { name: `${model.name}-${Math.floor(extra / trainers.length) + 2}`, role: model.role };
  });
}

/** A role in a few words, as the leaderboard shows it. */
export function describeRole(role: Role): string {
  switch (role.kind) {
    case "copier":
      return `copy of ${role.of}'s model`;
    case "untouched":
      return "base model, untouched";
    case "trainer": {
      const { strategy } = role;
      const method = strategy.method === "lora" ? `LoRA r${strategy.rank}` : "full";
      return `${method}, lr ${strategy.learningRate}, ${strategy.steps} x ${strategy.batchSize} rows`;
    }
  }
}
