import { z } from "zod";

const shared = {
  learningRate: z.number().positive(),
  /** Rows per step. */
  batchSize: z.int().positive(),
  /** Budgets are steps, not seconds: the results do not depend on the machine's load. */
  steps: z.int().positive(),
  warmup: z.int().nonnegative().default(0),
  schedule: z.enum(["constant", "linear", "cosine"]).default("cosine"),
};

/** How a demo miner trains: what the embedded trainer takes as `--strategy`, but for its seed. */
export const demoStrategy = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("full"), ...shared }),
  z.strictObject({ method: z.literal("lora"), rank: z.int().positive(), alpha: z.number().positive(), ...shared }),
]);

/** What a miner of the demo does for a living. */
export type Role =
  | { readonly kind: "trainer"; readonly strategy: Readonly<z.output<typeof demoStrategy>> }
  /** Hands in another miner's folder under a second account, after the other has sealed. */
  | { readonly kind: "copier"; readonly of: string }
  /** Hands in the base model as its own work. */
  | { readonly kind: "untouched" };

/** The same role with another number of steps. */
export function withSteps(role: Role, steps: number): Role {
  if (role.kind !== "trainer") return role;
  const warmup = Math.min(role.strategy.warmup, Math.floor(steps / 10));
  return { ...role, strategy: { ...role.strategy, steps, warmup } };
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
