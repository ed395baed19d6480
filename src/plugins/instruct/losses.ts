import type { Losses } from "../../core/contract/index.ts";
import type { InstructOutput } from "./eval-output.ts";

/** Token cross-entropy on TEST and, where the task has it, on SYNTH. */
export function instructLosses({ sets: { test, synth } }: InstructOutput): Losses {
  return {
    testLoss: test.loss,
    synthLoss: synth?.loss ?? null,
    components: synth ? { test: test.loss, synth: synth.loss } : { test: test.loss },
    rowLosses: { test: test.rows.map((row) => row.loss), synth: synth?.rows.map((row) => row.loss) ?? null },
    metrics: { testTokenLoss: test.tokenLoss, ...(synth ? { synthTokenLoss: synth.tokenLoss } : {}) },
  };
}
