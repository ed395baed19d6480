import { dot } from "./elementwise";
import { at, multiplyAdd, sumLanes } from "./lanes";

/** y = x / sqrt(mean(x²) + epsilon) · weight per row; keeps each row's 1/rms in `inverse`. Width is a multiple of 4. */
export function rmsNormForward(
  y: usize,
  inverse: usize,
  x: usize,
  weight: usize,
  rows: i32,
  width: i32,
  epsilon: f32,
): void {
  for (let r = 0; r < rows; r++) {
    const row = at(x, r * width);
    const out = at(y, r * width);
    const scale: f32 = <f32>1 / sqrt<f32>(dot(row, row, width) / <f32>width + epsilon);
    store<f32>(at(inverse, r), scale);
    const s = f32x4.splat(scale);
    for (let i = 0; i < width; i += 4) {
      v128.store(at(out, i), f32x4.mul(f32x4.mul(v128.load(at(row, i)), s), v128.load(at(weight, i))));
    }
  }
}

/** Adds the gradients of rmsNormForward to dx and, unless it is 0, dWeight. */
export function rmsNormBackward(
  dx: usize,
  dWeight: usize,
  dy: usize,
  x: usize,
  weight: usize,
  inverse: usize,
  rows: i32,
  width: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const row = at(x, r * width);
    const gradient = at(dy, r * width);
    const target = at(dx, r * width);
    const scale = load<f32>(at(inverse, r));
    const s = f32x4.splat(scale);
    let projection = f32x4.splat(0);
    for (let i = 0; i < width; i += 4) {
      const weighted = f32x4.mul(v128.load(at(gradient, i)), v128.load(at(weight, i)));
      projection = multiplyAdd(weighted, v128.load(at(row, i)), projection);
    }
    const k = f32x4.splat((-sumLanes(projection) * scale * scale * scale) / <f32>width);
    for (let i = 0; i < width; i += 4) {
      const g = v128.load(at(gradient, i));
      const v = v128.load(at(row, i));
      const direct = f32x4.mul(f32x4.mul(g, v128.load(at(weight, i))), s);
      v128.store(at(target, i), f32x4.add(v128.load(at(target, i)), multiplyAdd(v, k, direct)));
      if (dWeight != 0) {
        v128.store(at(dWeight, i), multiplyAdd(f32x4.mul(g, v), s, v128.load(at(dWeight, i))));
      }
    }
  }
}
