import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";

const answer = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("progress"),
    id: z.union([z.int(), z.string()]),
    done: z.number(),
    total: z.number(),
  }),
  z.strictObject({ type: z.literal("result"), id: z.union([z.int(), z.string()]), result: z.unknown() }),
  z.strictObject({
    type: z.literal("error"),
    id: z.union([z.int(), z.string()]).nullable(),
    cause: z.enum(["submission", "task", "infrastructure"]),
    code: z.string(),
    message: z.string(),
  }),
]);

/** A line that an evaluator printed. */
export type EvaluatorAnswer = z.output<typeof answer>;
/** The last line of a request, with the progress before it. */
export type FinalAnswer = Exclude<EvaluatorAnswer, { type: "progress" }> & {
  readonly progress: readonly Extract<EvaluatorAnswer, { type: "progress" }>[];
};

export interface EvaluatorRequest {
  readonly id: number | string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A running evaluator program: lines in, lines out. Disposing it kills the program. */
export interface EvaluatorDriver extends AsyncDisposable {
  write(text: string): void;
  /** Sends a request and waits for its result or error; every line until then must belong to it. */
  ask(request: EvaluatorRequest): Promise<FinalAnswer>;
  /** The next result or error, whatever it belongs to. */
  next(): Promise<FinalAnswer>;
  endInput(): void;
  /** Settles with the exit code. */
  readonly exited: Promise<number | null>;
}

export function startEvaluatorProgram(command: readonly string[], folder: string): EvaluatorDriver {
  const [program = "", ...args] = command;
  const child = spawn(program, [...args, folder], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.on("error", () => {});
  const exited = once(child, "exit").then(([code]) => (typeof code === "number" ? code : null));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  const readLine = async (): Promise<EvaluatorAnswer> => {
    const line = await lines.next();
    assert(line.done !== true, "the evaluator ended without an answer");
    return answer.parse(JSON.parse(line.value), {
      error: () => `the evaluator printed what is no answer: ${line.value.slice(0, 200)}`,
    });
  };
  const next = async (): Promise<FinalAnswer> => {
    const progress: Extract<EvaluatorAnswer, { type: "progress" }>[] = [];
    for (;;) {
      const line = await readLine();
      if (line.type !== "progress") return { ...line, progress };
      progress.push(line);
    }
  };
  return {
    write: (text) => void child.stdin.write(text),
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const final = await next();
      assert.equal(final.id, request.id, "an answer must have the id of its request");
      assert(
        final.progress.every(({ id }) => id === request.id),
        "progress must have the id of its request",
      );
      return final;
    },
    next,
    endInput: () => child.stdin.end(),
    exited,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
    },
  };
}
