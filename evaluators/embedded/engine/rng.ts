import { kernels } from "./memory.ts";

export interface Rng {
  /** Uniform in [0, 1) with 53 bits. */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** The same items in a drawn order; the input is left alone. */
  shuffled<T>(items: readonly T[]): T[];
}

/** xoshiro128** seeded from one integer through splitmix32: the same seed gives the same numbers on every machine. */
export function createRng(seed: number): Rng {
  let mix = seed | 0;
  const word = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, d] = [word(), word(), word(), word()];

  const bits = (): number => {
    const scrambled = Math.imul(b, 5);
    const value = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return value;
  };
  const next = (): number => ((bits() >>> 5) * 67_108_864 + (bits() >>> 6)) / 9_007_199_254_740_992;
  const below = (bound: number): number => Math.floor(next() * bound);

  return {
    next,
    below,
    normal: () => Math.sqrt(-2 * kernels.log(1 - next())) * kernels.cos(2 * Math.PI * next()),
    shuffled: <T>(items: readonly T[]): T[] => {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((left, right) => left.key - right.key).map(({ item }) => item);
    },
  };
}
