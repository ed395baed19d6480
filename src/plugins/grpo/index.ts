import {
  definePlugin,
  defineTaskType,
  languageModelProblem,
  timeBudgetHours,
  weightedTextLoss,
  type MetricDescriptor,
} from "../../core/contract/index.ts";
import { grpoOutput } from "./eval-output.ts";
import { grpoLosses } from "./losses.ts";
import { grpoCarriesCode, grpoObjective, grpoRehearses } from "./objective.ts";
import { GRPO } from "./params.ts";
import { grpoColumns, grpoRow, renderGrpo } from "./rows.ts";
import { grpoSpec } from "./spec.ts";

const metricsOf = (set: string, title: string): readonly MetricDescriptor[] => [
  {
    name: `${set}Reward`,
    direction: "higher",
    unit: "share",
    description: `Weighted mean reward of completions of ${title} prompts, each function scaled to 0..1.`,
  },
  {
    name: `${set}Kl`,
    direction: "lower",
    unit: "nats/token",
    description: `How far the completions of ${title} prompts went from the base (k3 estimator).`,
  },
];

/** Reinforcement with verifiable rewards: the loss is minus the reward of sampled completions, less their divergence. */
export const grpo = defineTaskType({
  kind: "grpo",
  graphqlName: "GrpoTask",
  title: "Reward tuning",
  description: "Fine-tune a language model on prompts whose completions are rewarded by functions.",
  specVersion: 1,
  spec: grpoSpec,
  share: GRPO.share,
  pool: GRPO.pool,
  artifactKinds: ["LORA", "FULL"],
  tolerance: GRPO.tolerance,
  metrics: [...metricsOf("test", "TEST"), ...metricsOf("synth", "SYNTH")],
  // Whatever rewards read stays as it is: the rewritten prompt must have the same answer.
  synthesis: { temperature: GRPO.temperature, rewrite: ["prompt"], keep: ["system"] },
  baseProblem: languageModelProblem,
  timeBudgetHours: (facts) => timeBudgetHours(facts.rows),
  columns: grpoColumns,
  rowSchema: grpoRow,
  render: renderGrpo,
  objective: grpoObjective,
  carriesCode: grpoCarriesCode,
  rehearses: grpoRehearses,
  evalOutput: grpoOutput,
  losses: grpoLosses,
  weightedLoss: ({ testLoss, synthLoss }) => weightedTextLoss(testLoss, synthLoss),
});

export default definePlugin({ name: "grpo", version: "1.0.0", provides: [grpo] });
