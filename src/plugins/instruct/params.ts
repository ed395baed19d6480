/** The numbers of instruct tasks; docs/equations.md lists them. */
export const INSTRUCT = Object.freeze({
  /** ρ of eq 1: share of the synthetic tasks. */
  share: 0.25,
  /** k of spec section 3: miners of one task, both ends included. */
  pool: Object.freeze({ min: 8, max: 15 }),
  /** τ of spec section 4: how freely SYNTH rows are written. */
  temperature: 0.6,
  /** Two losses (nats per token) closer than this are the same number on the CPU engine. */
  tolerance: 1e-6,
});
