import { createHash } from "node:crypto";
import { kernels } from "../engine/index.ts";
import { philox } from "./philox.ts";

/** Which noise: the task's seed (hex), the number of the draw, and the row of the set, both from 0. */
export interface NoisePlace {
  readonly seed: string;
  readonly draw: number;
  readonly row: number;
}

/**
 * Standard normal noise that every evaluator can make again: Philox4x32-10 with the first two big-endian words of
 * SHA-256("<seed>:noise:<draw>") as the key and (block, row, 0, 0) as the counter; words (u, v) and (u', v') of a block
 * give four numbers by Box and Muller, radius·cos, radius·sin, radius'·cos', radius'·sin'.
 */
export function noiseAt({ seed, draw, row }: NoisePlace, count: number): Float32Array {
  const digest = createHash("sha256").update(`${seed}:noise:${draw}`).digest();
  const key = [digest.readUInt32BE(0), digest.readUInt32BE(4)] as const;
  const noise = new Float32Array(count);
  for (let block = 0; block * 4 < count; block++) {
    const [u, v, w, x] = philox([block, row, 0, 0], key);
    const numbers = [...normalPair(u, v), ...normalPair(w, x)];
    for (const [i, value] of numbers.entries()) if (block * 4 + i < count) noise[block * 4 + i] = value;
  }
  return noise;
}

const WORDS = 2 ** 32;

function normalPair(u: number, v: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * kernels.log((u + 0.5) / WORDS));
  const angle = (2 * Math.PI * v) / WORDS;
  return [radius * kernels.cos(angle), radius * kernels.cos(angle - Math.PI / 2)];
}
