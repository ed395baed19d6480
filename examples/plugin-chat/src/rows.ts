import type { ColumnRole, JsonObject, Row } from "gradients/plugin";
import { z } from "zod";
import { conversation, type Turn } from "./conversation.ts";
import type { ChatSpec } from "./spec.ts";
import { MARKS, toSegments } from "./template.ts";

/** One column. A column of lists comes as JSON text. */
export const chatColumns = ({ columns }: ChatSpec): readonly ColumnRole[] => [
  { role: "messages", column: columns.messages, required: true },
];

/**
 * A row has two roles: `opening`, the text of the first user turn, and `messages`, the conversation without that text. So a
 * synthesizer can rewrite the opening like any other text, and everything else stays.
 */
export function chatRow(spec: ChatSpec): z.ZodType<Row> {
  return z.strictObject({ messages: z.string(), opening: z.string().optional() }).transform((row, context) => {
    const refuse = (path: readonly PropertyKey[], message: string) => {
      context.addIssue({ code: "custom", path: ["messages", ...path], message });
      return z.NEVER;
    };
    const given = parseJson(row.messages);
    if (!Array.isArray(given)) return refuse([], "must be a list of turns, or such a list as JSON text");
    const whole = row.opening === undefined ? given : withOpening(given, row.opening);
    const parsed = conversation.safeParse(whole);
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) refuse(path, message);
      return z.NEVER;
    }
    const marks = spec.template === "CHATML" ? MARKS : [];
    const forged = parsed.data.findIndex(({ content }) => marks.some((mark) => content.includes(mark)));
    if (forged !== -1) return refuse([forged, "content"], `must not contain the template's marks ${marks.join(", ")}`);
    return toRow(parsed.data);
  });
}

/** The conversation as segments: only what the assistant says counts. */
export function renderChat(row: Row, spec: ChatSpec): JsonObject {
  const stored: unknown = JSON.parse(row["messages"] ?? "[]");
  const turns = conversation.parse(withOpening(Array.isArray(stored) ? stored : [], row["opening"] ?? ""));
  return { segments: toSegments(turns, spec) };
}

function toRow(turns: readonly Turn[]): Row {
  const first = turns.findIndex(({ role }) => role === "user");
  const rest = turns.map(({ role, content }, index) => (index === first ? { role } : { role, content }));
  return { messages: JSON.stringify(rest), opening: turns[first]?.content ?? "" };
}

/** Puts the opening's text back where it was taken from: a first user turn that has a text of its own keeps it. */
function withOpening(turns: readonly unknown[], opening: string): readonly unknown[] {
  const place = turns.findIndex((turn) => isObject(turn) && turn["role"] === "user");
  return turns.map((turn, index) => (index === place && isObject(turn) ? { content: opening, ...turn } : turn));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
