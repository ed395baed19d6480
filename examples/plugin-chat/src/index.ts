import {
  definePlugin,
  defineTaskType,
  timeBudgetHours,
  tokenCrossEntropyLosses,
  tokenCrossEntropyMetrics,
  tokenCrossEntropyOutput,
  weightedTextLoss,
} from "gradients/plugin";
import { CHAT } from "./params.ts";
import { chatColumns, chatRow, renderChat } from "./rows.ts";
import { chatSpec } from "./spec.ts";

/** Conversations: the loss is the cross-entropy of the assistant's turns, given everything before them. */
export const chat = defineTaskType({
  kind: "chat",
  graphqlName: "ChatTask",
  title: "Chat tuning",
  description: "Fine-tune a language model on conversations of several turns.",
  specVersion: 1,
  spec: chatSpec,
  share: CHAT.share,
  pool: CHAT.pool,
  artifactKinds: ["LORA", "FULL"],
  tolerance: CHAT.tolerance,
  metrics: tokenCrossEntropyMetrics,
  synthesis: { temperature: CHAT.temperature, rewrite: ["opening"], keep: ["messages"] },
  timeBudgetHours: (facts) => timeBudgetHours(facts.rows),
  columns: chatColumns,
  rowSchema: chatRow,
  render: renderChat,
  objective: () => ({ name: "token-cross-entropy", options: {} }),
  evalOutput: tokenCrossEntropyOutput,
  losses: tokenCrossEntropyLosses,
  weightedLoss: ({ testLoss, synthLoss }) => weightedTextLoss(testLoss, synthLoss),
});

export default definePlugin({ name: "gradients-plugin-chat", version: "1.0.0", provides: [chat] });
