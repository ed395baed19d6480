import { at, multiplyAdd } from "./lanes";

/** out[i] = a[i] + b[i]. */
export function add(out: usize, a: usize, b: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(out, i), f32x4.add(v128.load(at(a, i)), v128.load(at(b, i))));
  for (; i < count; i++) store<f32>(at(out, i), load<f32>(at(a, i)) + load<f32>(at(b, i)));
}

/** y[i] += scale · x[i]. */
export function addScaled(y: usize, x: usize, scale: f32, count: i32): void {
  const s = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(y, i), multiplyAdd(s, v128.load(at(x, i)), v128.load(at(y, i))));
  for (; i < count; i++) store<f32>(at(y, i), scale * load<f32>(at(x, i)) + load<f32>(at(y, i)));
}

/** out[i] = value. */
export function fill(out: usize, value: f32, count: i32): void {
  const v = f32x4.splat(value);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(out, i), v);
  for (; i < count; i++) store<f32>(at(out, i), value);
}

/** Σ x², in f64. */
export function sumOfSquares(x: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(at(x, i));
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < count; i++) {
    const v = <f64>load<f32>(at(x, i));
    sum += v * v;
  }
  return sum;
}

/** Σ a[i]·b[i]. */
export function dot(a: usize, b: usize, count: i32): f32 {
  let even = f32x4.splat(0);
  let odd = even;
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    even = multiplyAdd(v128.load(at(a, i)), v128.load(at(b, i)), even);
    odd = multiplyAdd(v128.load(at(a, i), 16), v128.load(at(b, i), 16), odd);
  }
  const both = f32x4.add(even, odd);
  let sum =
    f32x4.extract_lane(both, 0) +
    f32x4.extract_lane(both, 1) +
    (f32x4.extract_lane(both, 2) + f32x4.extract_lane(both, 3));
  for (; i < count; i++) sum += load<f32>(at(a, i)) * load<f32>(at(b, i));
  return sum;
}

/** x[i] *= factor. */
export function scaleBy(x: usize, count: i32, factor: f32): void {
  const k = f32x4.splat(factor);
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(x, i), f32x4.mul(v128.load(at(x, i)), k));
  for (; i < count; i++) store<f32>(at(x, i), load<f32>(at(x, i)) * factor);
}
