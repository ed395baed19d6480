import { at, multiplyAdd } from "./lanes";

/**
 * One AdamW step: g = gradientScale·gradient, m and v its moving moments, then
 * w = w·(1 - rate·decay) - rate · (m·mCorrection) / (sqrt(v·vCorrection) + epsilon).
 */
export function adamw(
  weights: usize,
  gradient: usize,
  firstMoment: usize,
  secondMoment: usize,
  count: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  decay: f32,
  mCorrection: f32,
  vCorrection: f32,
  gradientScale: f32,
): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const g = f32x4.mul(v128.load(at(gradient, i)), f32x4.splat(gradientScale));
    const m = multiplyAdd(v128.load(at(firstMoment, i)), f32x4.splat(beta1), f32x4.mul(g, f32x4.splat(<f32>1 - beta1)));
    const v = multiplyAdd(
      v128.load(at(secondMoment, i)),
      f32x4.splat(beta2),
      f32x4.mul(f32x4.mul(g, g), f32x4.splat(<f32>1 - beta2)),
    );
    v128.store(at(firstMoment, i), m);
    v128.store(at(secondMoment, i), v);
    const root = f32x4.sqrt(f32x4.mul(v, f32x4.splat(vCorrection)));
    const step = f32x4.div(f32x4.mul(m, f32x4.splat(mCorrection)), f32x4.add(root, f32x4.splat(epsilon)));
    const decayed = f32x4.mul(v128.load(at(weights, i)), f32x4.splat(<f32>1 - rate * decay));
    v128.store(at(weights, i), f32x4.sub(decayed, f32x4.mul(f32x4.splat(rate), step)));
  }
  for (; i < count; i++) {
    const g: f32 = load<f32>(at(gradient, i)) * gradientScale;
    const m: f32 = load<f32>(at(firstMoment, i)) * beta1 + g * (<f32>1 - beta1);
    const v: f32 = load<f32>(at(secondMoment, i)) * beta2 + g * g * (<f32>1 - beta2);
    store<f32>(at(firstMoment, i), m);
    store<f32>(at(secondMoment, i), v);
    const step: f32 = (m * mCorrection) / (sqrt<f32>(v * vCorrection) + epsilon);
    store<f32>(at(weights, i), load<f32>(at(weights, i)) * (<f32>1 - rate * decay) - rate * step);
  }
}
