import { at, multiplyAdd, sigmoid4 } from "./lanes";

/** out = gate · sigmoid(gate) · up. The count is a multiple of 4. */
export function swigluForward(out: usize, gate: usize, up: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const g = v128.load(at(gate, i));
    v128.store(at(out, i), f32x4.mul(f32x4.mul(g, sigmoid4(g)), v128.load(at(up, i))));
  }
}

/** Writes the gradients of swigluForward to dGate and dUp. */
export function swigluBackward(dGate: usize, dUp: usize, dOut: usize, gate: usize, up: usize, count: i32): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < count; i += 4) {
    const g = v128.load(at(gate, i));
    const d = v128.load(at(dOut, i));
    const s = sigmoid4(g);
    const silu = f32x4.mul(g, s);
    const slope = multiplyAdd(silu, f32x4.sub(one, s), s);
    v128.store(at(dUp, i), f32x4.mul(d, silu));
    v128.store(at(dGate, i), f32x4.mul(f32x4.mul(d, v128.load(at(up, i))), slope));
  }
}
