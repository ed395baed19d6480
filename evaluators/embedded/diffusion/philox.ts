const [MULTIPLIER_0, MULTIPLIER_1] = [0xd2511f53, 0xcd9e8d57];
const [WEYL_0, WEYL_1] = [0x9e3779b9, 0xbb67ae85];
const ROUNDS = 10;

export type Words = readonly [number, number, number, number];

/**
 * Philox4x32-10 (Salmon et al. 2011): four random 32-bit words from a counter of four words and a key of two. Any block
 * can be computed on its own, on any machine, in any order.
 */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = multiply(MULTIPLIER_0, a);
    const [high1, low1] = multiply(MULTIPLIER_1, c);
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1, (high0 ^ d ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [a, b, c, d];
}

/** The high and the low word of a product of two words. */
function multiply(x: number, y: number): readonly [high: number, low: number] {
  const [xHigh, xLow, yHigh, yLow] = [x >>> 16, x & 0xffff, y >>> 16, y & 0xffff];
  const low = xLow * yLow;
  const middle = xHigh * yLow + (low >>> 16);
  const other = xLow * yHigh + (middle % 0x10000);
  const high = xHigh * yHigh + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
  return [high >>> 0, Math.imul(x, y) >>> 0];
}
