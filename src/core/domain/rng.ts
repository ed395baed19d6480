import { requireCount, requireNonNegative } from "./numeric-guards.ts";
import { sum } from "./statistics.ts";

/** A source of uniform doubles in [0, 1). */
export type Rng = () => number;

const STATE_BYTES = 16;

function rotateLeft(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

/**
 * The next unsigned 32-bit outputs of xoshiro128** (version 1.1, Blackman and Vigna), seeded by the first 128 bits of
 * `seed` read as four little-endian words.
 *
 * @throws RangeError if the seed is shorter than 16 bytes, or those are all zero (the generator's one dead state).
 */
export function createWordRng(seed: Uint8Array): () => number {
  if (seed.byteLength < STATE_BYTES) {
    throw new RangeError(`a seed needs at least ${STATE_BYTES} bytes, found ${seed.byteLength}`);
  }
  const view = new DataView(seed.buffer, seed.byteOffset, STATE_BYTES);
  let s0 = view.getUint32(0, true);
  let s1 = view.getUint32(4, true);
  let s2 = view.getUint32(8, true);
  let s3 = view.getUint32(12, true);
  if ((s0 | s1 | s2 | s3) === 0) throw new RangeError("the first 128 bits of a seed must not all be zero");

  return () => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return result;
  };
}

/**
 * Uniform doubles in [0, 1) with 53 random bits, from two outputs of xoshiro128** (27 high bits, then 26).
 *
 * @param seed 32 bytes, of which the first 16 count.
 * @throws RangeError as {@link createWordRng}.
 */
export function createRng(seed: Uint8Array): Rng {
  const nextWord = createWordRng(seed);
  return () => {
    const high = nextWord() >>> 5;
    const low = nextWord() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}

/**
 * A uniform integer in [min, max], both ends included, from one draw.
 *
 * @throws RangeError unless both are integers and min <= max.
 */
export function integerInRange(min: number, max: number, rng: Rng): number {
  requireCount("min", min, Number.MIN_SAFE_INTEGER);
  requireCount("max", max, min);
  return min + Math.floor(rng() * (max - min + 1));
}

/** A shuffled copy (Fisher and Yates, from the end, one draw per item but the first). */
export function shuffle<T>(items: readonly T[], rng: Rng): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const chosen = integerInRange(0, last, rng);
    const displaced = shuffled.slice(last, last + 1);
    shuffled.copyWithin(last, chosen, chosen + 1);
    shuffled.splice(chosen, 1, ...displaced);
  }
  return shuffled;
}

/**
 * The index of one weight, drawn with probability proportional to it: one draw, cumulative sum from the front.
 *
 * @throws RangeError if a weight is negative or not finite, or none is positive.
 */
export function drawIndex(weights: readonly number[], rng: Rng): number {
  const total = sum(weights.map((weight) => requireNonNegative("a weight", weight)));
  if (!(total > 0)) throw new RangeError("at least one weight must be positive");
  const point = rng() * total;
  let reached = 0;
  const index = weights.findIndex((weight) => point < (reached += weight));
  // The point lies below the total, which was summed in the same order; a generator that returns 1 means the last one.
  return index === -1 ? weights.findLastIndex((weight) => weight > 0) : index;
}
