import type { Losses } from "../../core/contract/index.ts";
import type { DpoOutput } from "./eval-output.ts";

/** The preference loss on TEST and, where the task has it, on SYNTH. */
export function dpoLosses({ sets: { test, synth } }: DpoOutput): Losses {
  return {
    testLoss: test.loss,
    synthLoss: synth?.loss ?? null,
    components: synth ? { test: test.loss, synth: synth.loss } : { test: test.loss },
    rowLosses: { test: test.rows.map((row) => row.loss), synth: synth?.rows.map((row) => row.loss) ?? null },
    metrics: {
      testAccuracy: test.accuracy,
      testMargin: test.margin,
      ...(synth ? { synthAccuracy: synth.accuracy, synthMargin: synth.margin } : {}),
    },
  };
}
