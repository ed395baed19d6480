import { z } from "zod";
import { CHAT } from "./params.ts";

// A lone surrogate has no UTF-8 form: tokenizers would disagree about it.
const text = z
  .string()
  .refine((value) => value.isWellFormed(), "must be well-formed Unicode")
  .refine((value) => value.trim() !== "", "must not be empty");

const roles = ["system", "user", "assistant"] as const;

/** The names that datasets of the {from, value} form use. */
const rolesByName: Readonly<Record<string, unknown>> = { human: "user", gpt: "assistant" };

const turn = z.preprocess(
  (value) => {
    if (typeof value !== "object" || value === null || !("from" in value)) return value;
    const { from, value: content, ...more } = value as Readonly<Record<string, unknown>>;
    return { role: typeof from === "string" ? (rolesByName[from] ?? from) : from, content, ...more };
  },
  z.strictObject({ role: z.enum(roles), content: text }),
);

/** Turns of a conversation: at first a system turn, if any, then user and assistant in turn; the assistant ends it. */
export const conversation = z
  .array(turn)
  .min(2)
  .max(CHAT.maxTurns)
  .superRefine((turns, context) => {
    const start = turns[0]?.role === "system" ? 1 : 0;
    turns.slice(start).forEach(({ role }, index) => {
      const expected = index % 2 === 0 ? "user" : "assistant";
      if (role === expected) return;
      const message = `expected the ${expected}'s turn, found the ${role}'s: after one system turn at most, user and assistant take turns`;
      context.addIssue({ code: "custom", path: [index + start, "role"], message });
    });
    if (turns.at(-1)?.role === "user") {
      context.addIssue({
        code: "custom",
        path: [turns.length - 1, "role"],
        message: "the assistant must have the last word",
      });
    }
  });

export type Turn = z.output<typeof turn>;
