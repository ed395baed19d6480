import type { Losses } from "../../core/contract/index.ts";
import { weightedImageLoss } from "../../core/domain/index.ts";
import type { ImageOutput } from "./eval-output.ts";

/** Eq 7 and 8: δ·L_text + (1−δ)·L_no-text, for the set and for each row; there is no SYNTH split of images. */
export function imageLosses({ sets: { test } }: ImageOutput): Losses {
  return {
    testLoss: weightedImageLoss(test.text, test.noText),
    synthLoss: null,
    components: { text: test.text, noText: test.noText },
    rowLosses: { test: test.rows.map(({ text, noText }) => weightedImageLoss(text, noText)), synth: null },
    metrics: { textLoss: test.text, noTextLoss: test.noText },
  };
}
