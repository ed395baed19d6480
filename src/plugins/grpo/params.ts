/** The numbers of GRPO tasks; docs/equations.md lists them. */
export const GRPO = Object.freeze({
  /** ρ of eq 1: share of the synthetic tasks. */
  share: 0.3,
  /** k of spec section 3: miners of one task, both ends included. */
  pool: Object.freeze({ min: 8, max: 15 }),
  /** τ of spec section 4: how freely SYNTH rows are written. */
  temperature: 0.6,
  /** β of spec section 6: how much the divergence from the base weighs. */
  beta: 0.04,
  /** G of spec section 6: completions of one prompt. */
  completions: 2,
  /** Longest completion in tokens. */
  maxNewTokens: 256,
  /** How freely completions are sampled. */
  samplingTemperature: 1,
  /** Two losses closer than this are the same number on the CPU engine. */
  tolerance: 1e-6,
});
