import { createHash } from "node:crypto";
import { philox } from "../../diffusion/philox.ts";

/** Which token of which completion, all numbers from 0. */
export interface TokenPlace {
  readonly row: number;
  readonly completion: number;
  readonly position: number;
}

/** A number in [0, 1) with 53 bits for each token of a set: the same for every model, in any order, on any machine. */
export type Uniform = (place: TokenPlace) => number;

/**
 * Philox4x32-10 with the first two big-endian words of SHA-256("<seed>:sample:<set>") as the key and
 * (position div 2, completion, row, 0) as the counter; an even position takes the block's first two words (a, b), an odd
 * one the last two: (floor(a / 2^5) · 2^26 + floor(b / 2^6)) / 2^53.
 */
export function createUniform(seed: string, set: string): Uniform {
  const digest = createHash("sha256").update(`${seed}:sample:${set}`).digest();
  const key = [digest.readUInt32BE(0), digest.readUInt32BE(4)] as const;
  return ({ row, completion, position }) => {
    const [w0, w1, w2, w3] = philox([position >>> 1, completion, row, 0], key);
    const [a, b] = position % 2 === 0 ? [w0, w1] : [w2, w3];
    return ((a >>> 5) * 67_108_864 + (b >>> 6)) / 9_007_199_254_740_992;
  };
}
