import {
  definePlugin,
  defineTaskType,
  languageModelProblem,
  timeBudgetHours,
  tokenCrossEntropyLosses,
  tokenCrossEntropyMetrics,
  tokenCrossEntropyOutput,
  weightedTextLoss,
} from "../../core/contract/index.ts";
import { INSTRUCT } from "./params.ts";
import { instructColumns, instructRow, renderInstruct } from "./rows.ts";
import { instructSpec } from "./spec.ts";

/** Instruction tuning: the loss is the cross-entropy of the answers, given the instructions. */
export const instruct = defineTaskType({
  kind: "instruct",
  graphqlName: "InstructTask",
  title: "Instruction tuning",
  description: "Fine-tune a language model on pairs of instruction and answer.",
  specVersion: 1,
  spec: instructSpec,
  share: INSTRUCT.share,
  pool: INSTRUCT.pool,
  artifactKinds: ["LORA", "FULL"],
  tolerance: INSTRUCT.tolerance,
  metrics: tokenCrossEntropyMetrics,
  synthesis: { temperature: INSTRUCT.temperature, rewrite: ["instruction", "input"], keep: ["system", "output"] },
  baseProblem: languageModelProblem,
  timeBudgetHours: (facts) => timeBudgetHours(facts.rows),
  columns: instructColumns,
  rowSchema: instructRow,
  render: renderInstruct,
  objective: () => ({ name: "token-cross-entropy", options: {} }),
  evalOutput: tokenCrossEntropyOutput,
  losses: tokenCrossEntropyLosses,
  weightedLoss: ({ testLoss, synthLoss }) => weightedTextLoss(testLoss, synthLoss),
});

export default definePlugin({ name: "instruct", version: "1.0.0", provides: [instruct] });
