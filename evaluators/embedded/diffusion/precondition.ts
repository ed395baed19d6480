/** Factors for one noise level t of noisy = (1 - t)·clean + t·noise. */
export interface Precondition {
  /** Brings the noisy picture to about unit deviation. */
  readonly input: number;
  readonly skip: number;
  readonly out: number;
}

/**
 * Karras et al.'s preconditioning (2022, table 1) for a straight path from data to noise:
 * clean ≈ skip·noisy + out·F(input·noisy), where the target of F has unit deviation at every noise level.
 */
export function precondition(time: number, deviation: number): Precondition {
  const signal = deviation * (1 - time);
  const total = Math.sqrt(signal * signal + time * time);
  return { input: 1 / total, skip: (deviation * signal) / (total * total), out: (deviation * time) / total };
}
