import type { Address } from "./kernels.ts";
import { allocate, kernels } from "./memory.ts";
import type { Tensor } from "./tensor.ts";
import { gradientOf } from "./tensor.ts";

export interface AdamWOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Applied to matrices, not to norm weights. */
  readonly weightDecay?: number;
  /** Largest norm of the whole gradient; 0 turns clipping off. */
  readonly clip?: number;
}

interface Slot {
  readonly tensor: Tensor;
  readonly firstMoment: Address;
  readonly secondMoment: Address;
}

/** AdamW with bias correction, decoupled weight decay and clipping by the global norm. */
export class AdamW {
  readonly #options: Required<AdamWOptions>;
  readonly #slots: readonly Slot[];
  /** beta^t by repeated multiplication: Math.pow may differ between hosts. */
  #beta1Power = 1;
  #beta2Power = 1;

  constructor(parameters: readonly Tensor[], options: AdamWOptions = {}) {
    const defaults = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01, clip: 1 };
    this.#options = { ...defaults, ...options };
    this.#slots = parameters.map((tensor) => ({
      tensor,
      firstMoment: zeros(tensor.size),
      secondMoment: zeros(tensor.size),
    }));
  }

  /** Consumes and zeroes the gradients; returns their global norm before clipping. */
  step(learningRate = this.#options.learningRate): number {
    const { beta1, beta2, epsilon, weightDecay, clip } = this.#options;
    this.#beta1Power *= beta1;
    this.#beta2Power *= beta2;
    let squares = 0;
    for (const { tensor } of this.#slots) squares += kernels.sumOfSquares(gradientOf(tensor), tensor.size);
    const norm = Math.sqrt(squares);
    const scale = clip > 0 && norm > clip ? clip / norm : 1;
    for (const { tensor, firstMoment, secondMoment } of this.#slots) {
      kernels.adamw(
        tensor.address,
        gradientOf(tensor),
        firstMoment,
        secondMoment,
        tensor.size,
        learningRate,
        beta1,
        beta2,
        epsilon,
        tensor.shape.length > 1 ? weightDecay : 0,
        1 / (1 - this.#beta1Power),
        1 / (1 - this.#beta2Power),
        scale,
      );
      kernels.fill(gradientOf(tensor), 0, tensor.size);
    }
    return norm;
  }
}

function zeros(count: number): Address {
  const address = allocate(count);
  kernels.fill(address, 0, count);
  return address;
}
