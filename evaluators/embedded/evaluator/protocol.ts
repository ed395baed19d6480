import { z } from "zod";

export const PROTOCOL_VERSION = 1;
/** Longest request line in bytes. */
export const MAXIMUM_REQUEST_BYTES = 1024 * 1024;
/** Longest answer line in bytes. */
export const MAXIMUM_ANSWER_BYTES = 64 * 1024 * 1024;

const id = z.union([z.number().int(), z.string().min(1).max(200)]);
const setName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

const hello = z.strictObject({ id, type: z.literal("hello"), protocol: z.literal(PROTOCOL_VERSION) });

const open = z.strictObject({
  id,
  type: z.literal("open"),
  base: z.strictObject({ path: z.string(), names: z.array(z.string()).min(1).optional() }),
  datasets: z.record(setName, z.string()),
  objective: z.strictObject({ name: z.string(), options: z.record(z.string(), z.unknown()).default({}) }),
  contextLength: z.number().int().min(2).optional(),
  seed: z
    .string()
    .regex(/^[0-9a-f]*$/)
    .optional(),
});

const evaluate = z.strictObject({
  id,
  type: z.literal("evaluate"),
  submission: z.strictObject({ path: z.string(), artifactKind: z.enum(["LORA", "FULL"]) }).nullable(),
  sets: z.array(setName).min(1).optional(),
  tokens: z.boolean().default(false),
  /** By set; what the objective makes of them is its own. */
  completions: z.record(setName, z.unknown()).default({}),
});

const close = z.strictObject({ id, type: z.literal("close") });

/** One line from the runner. */
export const requestSchema = z.discriminatedUnion("type", [hello, open, evaluate, close]);

export type Request = z.infer<typeof requestSchema>;
export type RequestId = z.infer<typeof id>;
export type OpenRequest = z.infer<typeof open>;
export type EvaluateRequest = z.infer<typeof evaluate>;

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** One line to the runner; `id` is the request's, or null where a request's id could not be read. */
export type Answer =
  | ({ readonly id: RequestId; readonly type: "progress" } & Progress)
  | { readonly id: RequestId; readonly type: "result"; readonly result: unknown }
  | ({ readonly id: RequestId | null; readonly type: "error" } & Failure);

/** Who is to blame: the submission (final), the task itself (final too), or anything else (worth another try). */
export type Cause = "submission" | "task" | "infrastructure";

export interface Failure {
  readonly cause: Cause;
  readonly code: string;
  readonly message: string;
}

/** An expected failure of a request. */
export class EvaluationError extends Error implements Failure {
  override readonly cause: Cause;
  readonly code: string;

  constructor(cause: Cause, code: string, message: string) {
    super(message);
    this.name = "EvaluationError";
    this.cause = cause;
    this.code = code;
  }
}
