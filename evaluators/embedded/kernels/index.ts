// Everything the engine may call. All arguments are byte addresses (usize), counts (i32) and scalars; matrices are
// row-major f32. Single-threaded and without relaxed SIMD, so that every run gives the same bits on every machine.
export { gemm } from "./gemm";
export { attentionForward, attentionBackward } from "./attention";
export { rmsNormForward, rmsNormBackward } from "./rms-norm";
export { rope, ropeTable } from "./rope";
export { swigluForward, swigluBackward } from "./swiglu";
export { crossEntropyForward, crossEntropyBackward } from "./cross-entropy";
export { gatherRows, scatterAddRows } from "./rows";
export { add, addScaled, fill, scaleBy, sumOfSquares } from "./elementwise";
export { adamw } from "./adamw";
export { heapStart } from "./scratch";

/** Exponential, logarithms and cosine in software: the host's own may differ in the last bit between versions. */
export function exp(x: f64): f64 {
  return NativeMath.exp(x);
}

export function log(x: f64): f64 {
  return NativeMath.log(x);
}

/** ln(1 + x), exact for small x too. */
export function log1p(x: f64): f64 {
  return NativeMath.log1p(x);
}

export function cos(x: f64): f64 {
  return NativeMath.cos(x);
}
