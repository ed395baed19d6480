import type { Losses } from "../../core/contract/index.ts";
import type { GrpoOutput } from "./eval-output.ts";

/** The one place where higher is better turns into lower is better: loss = −score. */
const lossOf = ({ score }: { readonly score: number }): number => 0 - score;

/** Minus the score on TEST and, where the task has it, on SYNTH. */
export function grpoLosses({ sets: { test, synth } }: GrpoOutput): Losses {
  return {
    testLoss: lossOf(test),
    synthLoss: synth ? lossOf(synth) : null,
    components: synth ? { test: lossOf(test), synth: lossOf(synth) } : { test: lossOf(test) },
    rowLosses: { test: test.rows.map(lossOf), synth: synth?.rows.map(lossOf) ?? null },
    metrics: {
      testReward: test.reward,
      testKl: test.kl,
      ...(synth ? { synthReward: synth.reward, synthKl: synth.kl } : {}),
    },
  };
}
