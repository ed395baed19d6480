import { requireFinite, requireNonNegative } from "./numeric-guards.ts";
import { LOSSES } from "./params.ts";

/**
 * ω·L_test + (1−ω)·L_synth with ω = 0.7 (spec section 6); the test loss alone where the task has no SYNTH.
 *
 * A part that is not finite makes the result not finite: it invalidates the submission, never the task.
 */
export function weightedTextLoss(test: number, synth: number | null): number {
  if (synth === null) return test;
  return LOSSES.textTestShare * test + (1 - LOSSES.textTestShare) * synth;
}

/** δ·L_text + (1−δ)·L_no-text with δ = 0.25 (eq 7, 8); a part that is not finite makes the result not finite. */
export function weightedImageLoss(text: number, noText: number): number {
  return LOSSES.imageTextShare * text + (1 - LOSSES.imageTextShare) * noText;
}

/**
 * (L_base − L) / |L_base|, positive where the submission is better; null where |L_base| < 1e-12.
 *
 * @throws RangeError unless both losses are finite.
 */
export function improvement(baseLoss: number, loss: number): number | null {
  requireFinite("the base's loss", baseLoss);
  requireFinite("the loss", loss);
  const scale = Math.abs(baseLoss);
  return scale < LOSSES.improvementNullBelow ? null : (baseLoss - loss) / scale;
}

/**
 * Whether L < L_base − tolerance, with the tolerance that the task's type declares.
 *
 * @throws RangeError if the base's loss is not finite, or the tolerance negative.
 */
export function beatsBase(loss: number, baseLoss: number, tolerance = 0): boolean {
  return loss < requireFinite("the base's loss", baseLoss) - requireNonNegative("the tolerance", tolerance);
}
