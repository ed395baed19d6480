import {
  definePlugin,
  defineTaskType,
  languageModelProblem,
  type MetricDescriptor,
} from "../../core/contract/index.ts";
import { timeBudgetHours, weightedTextLoss } from "../../core/domain/index.ts";
import { dpoOutput } from "./eval-output.ts";
import { dpoLosses } from "./losses.ts";
import { DPO } from "./params.ts";
import { dpoColumns, dpoRow, renderDpo } from "./rows.ts";
import { dpoSpec } from "./spec.ts";

const metricsOf = (set: string, title: string): readonly MetricDescriptor[] => [
  {
    name: `${set}Accuracy`,
    direction: "higher",
    unit: "share",
    description: `${title} pairs whose chosen answer gained more than the rejected one, compared with the base.`,
  },
  {
    name: `${set}Margin`,
    direction: "higher",
    unit: "β·nats",
    description: `Mean over ${title} pairs of how much more the chosen answer gained.`,
  },
];

/** Direct preference optimisation: the loss is how badly a model tells chosen from rejected answers, against the base. */
export const dpo = defineTaskType({
  kind: "dpo",
  graphqlName: "DpoTask",
  title: "Preference tuning",
  description: "Fine-tune a language model on prompts with a chosen and a rejected answer.",
  specVersion: 1,
  spec: dpoSpec,
  share: DPO.share,
  pool: DPO.pool,
  artifactKinds: ["LORA", "FULL"],
  tolerance: DPO.tolerance,
  metrics: [...metricsOf("test", "TEST"), ...metricsOf("synth", "SYNTH")],
  synthesis: {
    temperature: DPO.temperature,
    rewrite: ["prompt"],
    keep: ["system"],
    answers: { chosen: "strong", rejected: "weak" },
  },
  baseProblem: languageModelProblem,
  timeBudgetHours: (facts) => timeBudgetHours(facts.rows),
  columns: dpoColumns,
  rowSchema: dpoRow,
  render: renderDpo,
  objective: ({ beta, maxLength, maxPromptLength }, facts) => ({
    name: "preference",
    options: { beta, maxLength: Math.min(maxLength, facts.contextLength), maxPromptLength },
  }),
  evalOutput: dpoOutput,
  losses: dpoLosses,
  weightedLoss: ({ testLoss, synthLoss }) => weightedTextLoss(testLoss, synthLoss),
});

export default definePlugin({ name: "dpo", version: "1.0.0", provides: [dpo] });
