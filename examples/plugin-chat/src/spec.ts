import { z } from "zod";

const columns = z.strictObject({
  messages: z
    .string()
    .min(1)
    .max(200)
    .default("messages")
    .describe("Column of the conversations: lists of {role, content} or {from, value}, or such a list as JSON text."),
});

/** What a customer may say about a chat task. */
export const chatSpec = z.strictObject({
  columns: columns.prefault({}).describe("The dataset's columns by their role."),
  template: z
    .enum(["CHATML", "LINES"])
    .default("CHATML")
    .describe(
      "How turns become text. CHATML: with <|im_start|> and <|im_end|>. LINES: one turn after another, a line each.",
    ),
  systemPrompt: z
    .string()
    .min(1)
    .max(4000)
    .nullable()
    .default(null)
    .describe("The system turn of conversations that have none."),
  answers: z
    .enum(["ALL", "LAST"])
    .default("ALL")
    .describe("Which turns of the assistant count: all of them, or the last one."),
});

export type ChatSpec = z.output<typeof chatSpec>;
