import { scaleBy } from "./elementwise";
import { at } from "./lanes";
import { exponentials, maximum } from "./softmax";

/** loss[r] = -log softmax(logits[r])[target[r]]; the logits are replaced by the probabilities. */
export function crossEntropyForward(loss: usize, logits: usize, targets: usize, rows: i32, vocabulary: i32): void {
  for (let r = 0; r < rows; r++) {
    const row = at(logits, r * vocabulary);
    const largest = maximum(row, vocabulary);
    const target = load<f32>(at(row, load<i32>(at(targets, r))));
    const sum = exponentials(row, vocabulary, 1, largest);
    store<f32>(at(loss, r), <f32>(NativeMath.log(<f64>sum) + (<f64>largest - <f64>target)));
    scaleBy(row, vocabulary, <f32>1 / sum);
  }
}

/** Replaces the probabilities by the gradient of the logits: dLoss[r] · (p - onehot(target)). */
export function crossEntropyBackward(logits: usize, targets: usize, dLoss: usize, rows: i32, vocabulary: i32): void {
  for (let r = 0; r < rows; r++) {
    const row = at(logits, r * vocabulary);
    const gradient = load<f32>(at(dLoss, r));
    scaleBy(row, vocabulary, gradient);
    const target = at(row, load<i32>(at(targets, r)));
    store<f32>(target, load<f32>(target) - gradient);
  }
}
