import {
  InfrastructureError,
  TaskError,
  type EvalOutcome,
  type EvalRequest,
  type EvalSession,
  type FailureCause,
  type RunOptions,
  type SessionNeeds,
} from "../eval-runner.ts";
import { createEvaluatorClient, type EvaluatorClient, type Reply, type RequestOptions } from "./evaluator-client.ts";
import type { EvaluatorLimits } from "./evaluator-limits.ts";
import { EVALUATOR_PROTOCOL, helloResult, type HelloResult } from "./messages.ts";
import { createSessionFolder, type SessionFolder } from "./session-folder.ts";
import type { EvaluatorProgram } from "./start-program.ts";

/** How a runner starts evaluator programs, and how long and how much they may answer. */
export interface SessionOptions extends EvaluatorLimits {
  /** The runner's name, for the record. */
  readonly runner: string;
  /** The container image, where there is one. */
  readonly image?: string;
  readonly openTimeoutMs: number;
  /** True where the runner itself puts the base's folder at `base` in the session folder; else it is linked. */
  readonly mountsBase?: boolean;
  /** Starts the program with this folder as its working directory; it may read nothing else but links in it. */
  start(folder: string): EvaluatorProgram;
}

type Running = { readonly client: EvaluatorClient; readonly hello: HelloResult };

/**
 * What every runner of evaluator programs has in common: a session folder under `parent`, an evaluator with the base
 * loaded, restarted when something brought it down, a second try after a crash, and the right blame.
 *
 * @throws {InfrastructureError} when the session can't be had, {TaskError} when the task itself is at fault.
 */
export async function openEvaluatorSession(
  parent: string,
  needs: SessionNeeds,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<EvalSession> {
  signal.throwIfAborted();
  const folder = await createSessionFolder(parent, needs, options.mountsBase ?? false).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InfrastructureError("SESSION_FOLDER_FAILED", `the session's folder can't be set up: ${reason}`, {
      cause,
    });
  });
  try {
    return await openSession(folder, needs, options, signal);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function openSession(
  folder: SessionFolder,
  needs: SessionNeeds,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<EvalSession> {
  const first = await start(folder, needs, options, signal);
  const closing = new AbortController();
  let client = first.client;
  let queue: Promise<unknown> = Promise.resolve();

  const evaluate = async (
    submission: { path: string; artifactKind: string } | null,
    run: RunOptions,
  ): Promise<Reply> => {
    if (!client.alive) {
      await client.end();
      client = (await start(folder, needs, options, run.signal)).client;
    }
    const request: RequestOptions = {
      timeoutMs: run.timeoutMs,
      signal: run.signal,
      onProgress: run.onProgress,
    };
    return client.request("evaluate", { submission, sets: Object.keys(folder.datasets) }, request);
  };

  const run = async ({ submission }: EvalRequest, runOptions: RunOptions): Promise<EvalOutcome> => {
    const startedAt = performance.now();
    try {
      await using copy = submission && (await folder.withSubmission(submission.path));
      const model = submission && copy ? { path: copy.path, artifactKind: submission.artifactKind } : null;
      let reply = await evaluate(model, runOptions);
      if (reply.status === "lost" && reply.code !== "ABORTED") {
        const { blameless } = reply;
        reply = await evaluate(model, runOptions);
        // Only a second crash of its own, in a fresh process that has seen nothing else, is this model's doing.
        if (reply.status === "lost" && blameless) reply = { ...reply, blameless };
      }
      if (reply.status === "result") {
        return { status: "completed", output: reply.result, durationMs: performance.now() - startedAt };
      }
      return failed(blame(reply, model !== null), reply.code, reply.message, client.logTail());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof TaskError) return failed("task", error.code, message, client.logTail());
      const code = error instanceof InfrastructureError ? error.code : "SESSION_FAILED";
      return failed("infrastructure", code, message, client.logTail());
    }
  };

  return {
    record: {
      runner: options.runner,
      device: first.hello.device,
      image: options.image ?? null,
      evaluator: first.hello.evaluator,
      libraries: first.hello.libraries,
    },
    run(request, runOptions) {
      const signal = AbortSignal.any([runOptions.signal, closing.signal]);
      const turn = queue.then(() => run(request, { ...runOptions, signal }));
      queue = turn;
      return turn;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await queue;
      await client.end();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const failed = (cause: FailureCause, code: string, message: string, logTail: string): EvalOutcome => ({
  status: "failed",
  cause,
  code,
  message,
  logTail,
});

function blame(reply: Exclude<Reply, { status: "result" }>, hasSubmission: boolean): FailureCause {
  if (reply.status === "error" && reply.cause === "task") return "task";
  if (!hasSubmission) return "infrastructure";
  if (reply.status === "error") return reply.cause;
  return reply.blameless ? "infrastructure" : "submission";
}

/**
 * Starts an evaluator only to hear what it is, and ends it again: whether it works on this machine.
 *
 * @throws {InfrastructureError} that says why it does not, with the end of its log.
 */
export async function introduceEvaluator(
  start: () => EvaluatorProgram,
  limits: EvaluatorLimits & Pick<SessionOptions, "openTimeoutMs">,
): Promise<HelloResult> {
  const client = createEvaluatorClient(start(), limits);
  try {
    return await sayHello(client, { timeoutMs: limits.openTimeoutMs });
  } finally {
    await client.end();
  }
}

/** Starts the program, says hello and opens the session. */
async function start(
  folder: SessionFolder,
  needs: SessionNeeds,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<Running> {
  const client = createEvaluatorClient(options.start(folder.path), options);
  const request: RequestOptions = { timeoutMs: options.openTimeoutMs, signal };
  try {
    const hello = await sayHello(client, request);
    const { objective } = needs;
    if (!hello.objectives.includes(objective.name)) {
      const known = hello.objectives.join(", ") || "none";
      throw new InfrastructureError("UNKNOWN_OBJECTIVE", `the evaluator computes ${known}, expected ${objective.name}`);
    }
    const open = {
      base: { path: folder.base },
      datasets: folder.datasets,
      objective: { name: objective.name, options: objective.options },
      contextLength: needs.contextLength,
      seed: needs.seed,
    };
    await expectResult(client, "open", client.request("open", open, request));
    return { client, hello };
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function sayHello(client: EvaluatorClient, request: RequestOptions): Promise<HelloResult> {
  const hello = await expectResult(client, "hello", client.request("hello", { protocol: EVALUATOR_PROTOCOL }, request));
  const parsed = helloResult.safeParse(hello);
  if (parsed.success) return parsed.data;
  throw new InfrastructureError("EVALUATOR_PROTOCOL", `the evaluator's hello: ${parsed.error.message}`);
}

async function expectResult(client: EvaluatorClient, what: string, asked: Promise<Reply>): Promise<unknown> {
  const reply = await asked;
  if (reply.status === "result") return reply.result;
  if (reply.status === "error" && reply.cause === "task") throw new TaskError(reply.code, reply.message);
  const tail = client.logTail().trim();
  throw new InfrastructureError(
    reply.code,
    `the evaluator failed at ${what}: ${reply.message}${tail === "" ? "" : `\n${tail}`}`,
  );
}
