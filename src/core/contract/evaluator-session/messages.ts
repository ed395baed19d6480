import { z } from "zod";

/** The protocol version that this runner speaks (docs/evaluator-protocol.md). */
export const EVALUATOR_PROTOCOL = 1;

const id = z.union([z.int(), z.string()]);
const count = z.number().nonnegative();

/** What an evaluator prints, one JSON object a line. An error without an id is about the conversation itself. */
export const evaluatorMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("progress"), id, done: count, total: count }),
  z.strictObject({ type: z.literal("result"), id, result: z.unknown() }),
  z.strictObject({
    type: z.literal("error"),
    id: id.nullable(),
    cause: z.enum(["submission", "task", "infrastructure"]),
    code: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/),
    message: z.string().transform((text) => text.slice(0, 4000)),
  }),
]);

/** How an evaluator introduces itself: recorded with every evaluation. */
export const helloResult = z.strictObject({
  protocol: z.literal(EVALUATOR_PROTOCOL),
  evaluator: z.string().min(1).max(200),
  device: z.string().min(1).max(200),
  libraries: z.record(z.string(), z.string()),
  objectives: z.array(z.string()),
});

export type HelloResult = z.output<typeof helloResult>;
