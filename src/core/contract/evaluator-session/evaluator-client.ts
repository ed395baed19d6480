import { randomInt } from "node:crypto";
import { parseStrictJson } from "../../domain/index.ts";
import type { EvalProgress, FailureCause } from "../eval-runner.ts";
import type { JsonObject } from "../json.ts";
import type { EvaluatorLimits } from "./evaluator-limits.ts";
import { createLineReader } from "./line-reader.ts";
import { createLogTail } from "./log-tail.ts";
import { evaluatorMessage } from "./messages.ts";
import type { EvaluatorProgram } from "./start-program.ts";

/** What became of a request. After `lost` the program is gone and so is this client. */
export type Reply =
  | { readonly status: "result"; readonly result: unknown }
  | {
      readonly status: "error";
      readonly cause: FailureCause;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly status: "lost";
      readonly code: string;
      readonly message: string;
      /** It was called off, or whatever runs the program failed: what it worked on can't be the reason. */
      readonly blameless: boolean;
    };

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: ((progress: EvalProgress) => void) | undefined;
}

/** One running evaluator program. */
export interface EvaluatorClient {
  /** One at a time: asks and waits for the answer with the same id. Never rejects. */
  request(type: string, body: JsonObject, options: RequestOptions): Promise<Reply>;
  /** The last lines that the program wrote to stderr. */
  logTail(): string;
  readonly alive: boolean;
  /** Ends the program and everything it started; settles when it is gone. */
  end(): Promise<void>;
}

interface Pending {
  readonly id: number;
  readonly settle: (reply: Reply) => void;
  readonly onProgress: ((progress: EvalProgress) => void) | undefined;
}

/** Speaks the evaluator protocol with a program that was just started. */
export function createEvaluatorClient(program: EvaluatorProgram, limits: EvaluatorLimits): EvaluatorClient {
  const stderr = createLogTail(limits.logTailBytes);
  let pending: Pending | null = null;
  let lost: Extract<Reply, { status: "lost" }> | null = null;
  let received = 0;
  let logged = 0;
  // Not counted from 1: an answer must have been read from the request, not guessed.
  let nextId = randomInt(1, 2 ** 31);

  const lose = (code: string, message: string, blameless = false) => {
    lost ??= { status: "lost", code, message, blameless };
    program.kill();
    pending?.settle(lost);
    pending = null;
  };
  const onLine = (line: string) => {
    const json = parseStrictJson(line);
    const message = json.ok ? evaluatorMessage.safeParse(json.value) : null;
    if (!message?.success) {
      const why = json.ok ? "it has not the fields of one" : json.error;
      return lose("EVALUATOR_PROTOCOL", `the evaluator printed what is no message (${why}): ${line.slice(0, 200)}`);
    }
    if (message.data.id !== pending?.id) {
      return lose(
        "EVALUATOR_PROTOCOL",
        `the evaluator answered request ${message.data.id}, expected ${pending?.id ?? "none"}`,
      );
    }
    if (message.data.type === "progress") {
      pending.onProgress?.({ done: message.data.done, total: message.data.total });
      return undefined;
    }
    const { settle } = pending;
    pending = null;
    if (message.data.type === "result") return settle({ status: "result", result: message.data.result });
    const { cause, code, message: text } = message.data;
    return settle({ status: "error", cause, code, message: text });
  };
  const lines = createLineReader(limits.maxLineBytes, onLine, () =>
    lose("EVALUATOR_PROTOCOL", `the evaluator printed a line of more than ${limits.maxLineBytes} bytes`),
  );
  program.stdout.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received > limits.maxRequestBytes) {
      lose("EVALUATOR_PROTOCOL", `the evaluator printed more than ${limits.maxRequestBytes} bytes for one request`);
    } else if (lost === null) lines.push(chunk);
  });
  program.stderr.on("data", (chunk: Buffer) => {
    logged += chunk.length;
    stderr.push(chunk);
    if (logged > limits.maxLogBytes)
      lose("EVALUATOR_PROTOCOL", `the evaluator logged more than ${limits.maxLogBytes} bytes for one request`);
  });
  const ended = program.ended.then(({ code, how, blameless }) => lose(code, `the evaluator ${how}`, blameless));

  return {
    request(type, body, { timeoutMs, signal, onProgress }) {
      return new Promise<Reply>((resolve) => {
        if (lost) return resolve(lost);
        if (signal?.aborted)
          return resolve({
            status: "lost",
            code: "ABORTED",
            message: "the evaluation was called off",
            blameless: true,
          });
        if (pending) throw new Error("an evaluator works on one request at a time");
        const abort = () => lose("ABORTED", "the evaluation was called off", true);
        const timer = setTimeout(
          () => lose("EVALUATOR_TIMEOUT", `no answer to ${type} within ${timeoutMs} ms`),
          timeoutMs,
        );
        signal?.addEventListener("abort", abort, { once: true });
        const settle = (reply: Reply) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          resolve(reply);
        };
        nextId += 1;
        received = 0;
        logged = 0;
        pending = { id: nextId, settle, onProgress };
        program.stdin.write(`${JSON.stringify({ ...body, id: nextId, type })}\n`);
        return undefined;
      });
    },
    logTail: stderr.text,
    get alive() {
      return lost === null;
    },
    async end() {
      program.kill();
      await ended;
    },
  };
}
