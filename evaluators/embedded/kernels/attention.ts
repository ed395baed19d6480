import { dot, scaleBy } from "./elementwise";
import { gemm } from "./gemm";
import { at } from "./lanes";
import { exponentials, maximum } from "./softmax";

/**
 * Scaled dot-product attention with grouped key/value heads.
 *
 * q, out: [batch, length, heads·headSize]; k, v: [batch, keys, kvHeads·headSize], one sequence every `kvStride` numbers;
 * `weights` keeps the probabilities [batch, heads, length, keys]. With `causal`, query i sees keys up to i + keys - length.
 */
export function attentionForward(
  out: usize,
  weights: usize,
  q: usize,
  k: usize,
  v: usize,
  batch: i32,
  length: i32,
  keys: i32,
  kvStride: i32,
  heads: i32,
  kvHeads: i32,
  headSize: i32,
  causal: i32,
): void {
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headSize);
  const width = heads * headSize;
  const kvWidth = kvHeads * headSize;
  const group = heads / kvHeads;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kvOffset = b * kvStride + (h / group) * headSize;
      const offset = b * length * width + h * headSize;
      const p = at(weights, (b * heads + h) * length * keys);
      gemm(length, keys, headSize, at(q, offset), width, 1, at(k, kvOffset), 1, kvWidth, p, keys, 0);
      for (let i = 0; i < length; i++) {
        const visible = causal ? i + 1 + keys - length : keys;
        const row = at(p, i * keys);
        const sum = exponentials(row, visible, scale, maximum(row, visible) * scale);
        scaleBy(row, visible, <f32>1 / sum);
        if (visible < keys) memory.fill(at(row, visible), 0, (<usize>(keys - visible)) << 2);
      }
      gemm(length, headSize, keys, p, keys, 1, at(v, kvOffset), kvWidth, 1, at(out, offset), width, 0);
    }
  }
}

/** Adds the gradients of attentionForward to dq, dk and dv; `scratch` holds length·keys numbers. */
export function attentionBackward(
  dq: usize,
  dk: usize,
  dv: usize,
  dOut: usize,
  weights: usize,
  scratch: usize,
  q: usize,
  k: usize,
  v: usize,
  batch: i32,
  length: i32,
  keys: i32,
  heads: i32,
  kvHeads: i32,
  headSize: i32,
): void {
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headSize);
  const width = heads * headSize;
  const kvWidth = kvHeads * headSize;
  const group = heads / kvHeads;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kvOffset = b * keys * kvWidth + (h / group) * headSize;
      const offset = b * length * width + h * headSize;
      const p = at(weights, (b * heads + h) * length * keys);
      const g = at(dOut, offset);
      gemm(keys, headSize, length, p, 1, keys, g, width, 1, at(dv, kvOffset), kvWidth, 1);
      gemm(length, keys, headSize, g, width, 1, at(v, kvOffset), 1, kvWidth, scratch, keys, 0);
      for (let i = 0; i < length; i++) softmaxBackward(at(scratch, i * keys), at(p, i * keys), keys, scale);
      gemm(length, headSize, keys, scratch, keys, 1, at(k, kvOffset), kvWidth, 1, at(dq, offset), width, 1);
      gemm(keys, headSize, length, scratch, 1, keys, at(q, offset), width, 1, at(dk, kvOffset), kvWidth, 1);
    }
  }
}

/** gradient = scale · p · (gradient - Σ gradient·p). */
function softmaxBackward(gradient: usize, p: usize, count: i32, scale: f32): void {
  const mean = dot(gradient, p, count);
  const m = f32x4.splat(mean);
  const s = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const centred = f32x4.sub(v128.load(at(gradient, i)), m);
    v128.store(at(gradient, i), f32x4.mul(f32x4.mul(centred, v128.load(at(p, i))), s));
  }
  for (; i < count; i++) {
    store<f32>(at(gradient, i), (load<f32>(at(gradient, i)) - mean) * load<f32>(at(p, i)) * scale);
  }
}
