import type { z } from "zod";
import type { JsonObject } from "./json.ts";
import type { PluginHost } from "./plugin-host.ts";
import type { ArtifactKind, Objective } from "./task-type.ts";

/** What one evaluation session works on. All paths are absolute on the runner's machine and read-only to the evaluator. */
export interface SessionNeeds {
  readonly taskId: string;
  /** Folder of the base model in the Hugging Face layout. */
  readonly basePath: string;
  /** JSON-lines files of rendered rows, by set name ("test", "synth"). */
  readonly sets: Readonly<Record<string, string>>;
  readonly objective: Objective;
  /** The longest input, in the base's units; never the submission's own. */
  readonly contextLength: number;
  /** Hex seed for objectives that sample. */
  readonly seed: string;
  /** True where the task carries code: runners with `isolation: "process"` refuse it. */
  readonly carriesCode: boolean;
}

export interface EvalRequest {
  /** Null evaluates the base itself. */
  readonly submission: { readonly id: string; readonly path: string; readonly artifactKind: ArtifactKind } | null;
}

export interface EvalProgress {
  readonly done: number;
  readonly total: number;
}

export interface RunOptions {
  /** For one try; a model that takes longer twice is to blame. */
  readonly timeoutMs: number;
  /** Calls the evaluation off: nobody is to blame. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: EvalProgress) => void;
}

/** `cause` decides everything downstream: infrastructure is retried and never charged, submission is final. */
export type EvalOutcome =
  | { readonly status: "completed"; readonly output: unknown; readonly durationMs: number }
  | {
      readonly status: "failed";
      readonly cause: "submission" | "infrastructure";
      readonly code: string;
      readonly message: string;
      readonly logTail: string;
    };

/** Where and with what an evaluation ran; stored with every evaluation. */
export interface SessionRecord {
  readonly runner: string;
  readonly device: string;
  readonly image: string | null;
  readonly evaluator: string;
  readonly libraries: JsonObject;
}

/** One task's evaluator with the base loaded once. Disposing it ends every process it started. */
export interface EvalSession extends AsyncDisposable {
  readonly record: SessionRecord;
  /** Never throws for a bad submission: that is an outcome with `cause: "submission"`. */
  run(request: EvalRequest, options: RunOptions): Promise<EvalOutcome>;
}

export interface LiveEvalRunner {
  /** Rejects with an `InfrastructureError` when no session can be had. */
  open(needs: SessionNeeds, signal: AbortSignal): Promise<EvalSession>;
}

/** A way to run evaluators: a child process, a container, a cluster. It knows no task type. */
export interface EvalRunner<Options extends z.ZodObject = z.ZodObject> {
  readonly type: "eval-runner";
  readonly api: 1;
  readonly name: string;
  readonly isolation: "process" | "container";
  readonly options: Options;
  create(options: z.output<Options>, host: PluginHost): LiveEvalRunner;
}

/** The platform's own fault: retried, never charged to a miner. */
export class InfrastructureError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InfrastructureError";
    this.code = code;
  }
}
