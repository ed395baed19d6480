import type { AnswerModel, RewriteOutcome, Row, Synthesis } from "../../core/contract/index.ts";
import type { ChatMessage, ChatReply } from "./chat-client.ts";

/** The row with each role that `synthesis.answers` names written anew by a model of that strength. */
export async function answerRow(
  row: Row,
  synthesis: Synthesis,
  ask: (strength: AnswerModel, messages: readonly ChatMessage[]) => Promise<ChatReply>,
): Promise<RewriteOutcome> {
  const question = questionOf(row, synthesis);
  const written: Record<string, string> = {};
  for (const [role, strength] of Object.entries(synthesis.answers ?? {})) {
    const reply = await ask(strength, question);
    if (reply.status === "refused") return reply;
    const text = reply.text.trim();
    if (text === "") return { status: "refused", reason: `the ${strength} model's answer is empty` };
    written[role] = text;
  }
  return { status: "rewritten", row: { ...row, ...written } };
}

/** The texts of the row that a model is asked, as one message, without a word about data sets or rewriting. */
function questionOf(row: Row, { rewrite, keep }: Synthesis): readonly ChatMessage[] {
  const texts = Object.entries(row).filter(([role, text]) => text !== "" && [...rewrite, ...keep].includes(role));
  return [{ role: "user", content: texts.map(([, text]) => text).join("\n\n") }];
}
