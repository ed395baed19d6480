/** One tensor outside the engine. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by their name in the file. */
export type Weights = ReadonlyMap<string, WeightTensor>;
