import { at, multiplyAdd } from "./lanes";

/**
 * Cosines and sines of the rotary embedding: table[position] holds half cosines, then half sines, of
 * position · theta^(-2i / headSize).
 */
export function ropeTable(table: usize, positions: i32, headSize: i32, theta: f64): void {
  const half = headSize / 2;
  for (let i = 0; i < half; i++) {
    const frequency = NativeMath.pow(theta, (<f64>-2 * <f64>i) / <f64>headSize);
    for (let t = 0; t < positions; t++) {
      const angle = <f64>t * frequency;
      store<f32>(at(table, t * headSize + i), <f32>NativeMath.cos(angle));
      store<f32>(at(table, t * headSize + half + i), <f32>NativeMath.sin(angle));
    }
  }
}

/**
 * Rotates the halves of every head (Hugging Face's rotate_half): row r has position firstPosition + r mod length.
 * `direction` 1 is the forward pass, -1 its transpose; `accumulate` adds to `out`.
 */
export function rope(
  out: usize,
  x: usize,
  table: usize,
  rows: i32,
  length: i32,
  heads: i32,
  headSize: i32,
  firstPosition: i32,
  direction: f32,
  accumulate: i32,
): void {
  const half = headSize / 2;
  const sign = f32x4.splat(direction);
  for (let r = 0; r < rows; r++) {
    const cosines = at(table, (firstPosition + (r % length)) * headSize);
    const sines = at(cosines, half);
    for (let h = 0; h < heads; h++) {
      const low = at(x, (r * heads + h) * headSize);
      const high = at(low, half);
      const outLow = at(out, (r * heads + h) * headSize);
      const outHigh = at(outLow, half);
      let i = 0;
      for (; i + 4 <= half; i += 4) {
        const c = v128.load(at(cosines, i));
        const s = f32x4.mul(v128.load(at(sines, i)), sign);
        const a = v128.load(at(low, i));
        const b = v128.load(at(high, i));
        let u = f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s));
        let v = multiplyAdd(a, s, f32x4.mul(b, c));
        if (accumulate) {
          u = f32x4.add(v128.load(at(outLow, i)), u);
          v = f32x4.add(v128.load(at(outHigh, i)), v);
        }
        v128.store(at(outLow, i), u);
        v128.store(at(outHigh, i), v);
      }
      for (; i < half; i++) {
        const c = load<f32>(at(cosines, i));
        const s = load<f32>(at(sines, i)) * direction;
        const a = load<f32>(at(low, i));
        const b = load<f32>(at(high, i));
        const u = a * c - b * s;
        const v = b * c + a * s;
        store<f32>(at(outLow, i), accumulate ? load<f32>(at(outLow, i)) + u : u);
        store<f32>(at(outHigh, i), accumulate ? load<f32>(at(outHigh, i)) + v : v);
      }
    }
  }
}
