import { at, exp1, exp4, sumLanes } from "./lanes";

/** Largest of `count` numbers (at least one). */
export function maximum(x: usize, count: i32): f32 {
  let best = load<f32>(x);
  let i = 0;
  if (count >= 4) {
    let lanes = v128.load(x);
    for (i = 4; i + 4 <= count; i += 4) lanes = f32x4.max(lanes, v128.load(at(x, i)));
    best = max<f32>(
      max<f32>(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
      max<f32>(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
    );
  }
  for (; i < count; i++) best = max<f32>(best, load<f32>(at(x, i)));
  return best;
}

/** Replaces x by e^(scale·x - shift) and returns the sum. */
export function exponentials(x: usize, count: i32, scale: f32, shift: f32): f32 {
  const k = f32x4.splat(scale);
  const m = f32x4.splat(shift);
  let total = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const e = exp4(f32x4.sub(f32x4.mul(v128.load(at(x, i)), k), m));
    v128.store(at(x, i), e);
    total = f32x4.add(total, e);
  }
  let sum = sumLanes(total);
  for (; i < count; i++) {
    const e = exp1(load<f32>(at(x, i)) * scale - shift);
    store<f32>(at(x, i), e);
    sum += e;
  }
  return sum;
}
