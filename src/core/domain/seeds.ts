/** What a task's seeds are used for: one seed per purpose and attempt, so that no draw disturbs another. */
export const SEED_PURPOSES = Object.freeze(["k", "ties", "draw", "split", "synth", "eval", "nonce"] as const);
export type SeedPurpose = (typeof SEED_PURPOSES)[number];

/** The message whose HMAC-SHA256 under the task's secret is the seed of one purpose and attempt (from 0). */
export function seedMessage(purpose: SeedPurpose, attempt: number): string {
  return `${purpose}:${attempt}`;
}
