/** The numbers of DPO tasks; docs/equations.md lists them. */
export const DPO = Object.freeze({
  /** ρ of eq 1: share of the synthetic tasks. */
  share: 0.1,
  /** k of spec section 3: miners of one task, both ends included. */
  pool: Object.freeze({ min: 8, max: 15 }),
  /** τ of spec section 4: how freely SYNTH rows are written. */
  temperature: 0.6,
  /** β of spec section 6: how much the policy's distance from the reference weighs. */
  beta: 0.1,
  /** Longest sequence in tokens; the base's context where that is smaller. */
  maxLength: 1024,
  /** Most tokens of a prompt. */
  maxPromptLength: 512,
  /** Two losses (nats) closer than this are the same number on the CPU engine. */
  tolerance: 1e-6,
});
