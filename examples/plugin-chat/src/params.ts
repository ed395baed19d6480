/** The numbers of chat tasks. */
export const CHAT = Object.freeze({
  /** ρ of eq 1: share of the synthetic tasks, before the shares of all types are scaled to sum to 1. */
  share: 0.1,
  /** Miners of one task, both ends included. */
  pool: Object.freeze({ min: 8, max: 15 }),
  /** τ: how freely SYNTH rows are written. */
  temperature: 0.6,
  /** Two losses (nats per token) closer than this are the same number on the CPU engine. */
  tolerance: 1e-6,
  /** Turns of one conversation. */
  maxTurns: 1000,
});
