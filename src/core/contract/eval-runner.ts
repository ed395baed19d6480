import type { z } from "zod";
import type { JsonObject } from "./json.ts";
import type { PluginHost } from "./plugin-host.ts";
import type { ArtifactKind, Objective } from "./task-type.ts";

/** A device of this machine that sessions run on, one session at a time. */
export interface Device {
  readonly kind: "cpu" | "gpu";
  /** Stays the same over restarts; for a GPU the vendor's own ("GPU-…"), which containers and CUDA_VISIBLE_DEVICES take. */
  readonly uuid: string;
}

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
  /** The device that is leased for this session, which may use no other; null leaves the choice to the runner. */
  readonly device: Device | null;
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

/**
 * Who is to blame decides everything downstream: a submission's fault is final; a task's own (its code fails, for
 * example) ends the task and is charged to nobody; the infrastructure's is retried and charged to nobody.
 */
export type FailureCause = "submission" | "task" | "infrastructure";

export type EvalOutcome =
  | { readonly status: "completed"; readonly output: unknown; readonly durationMs: number }
  | {
      readonly status: "failed";
      readonly cause: FailureCause;
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

/** One thing that a runner needs on this machine, and whether it is there. */
export interface Diagnosis {
  readonly name: string;
  /** `absent`: only some tasks need it, and they wait for another worker. */
  readonly status: "ok" | "absent" | "failed";
  readonly found: string;
  /** What to do about it; null where nothing need be done. */
  readonly remedy: string | null;
}

export interface LiveEvalRunner {
  /** Rejects with a `TaskError` when the evaluator finds the task itself at fault, with an `InfrastructureError` when no session can be had. */
  open(needs: SessionNeeds, signal: AbortSignal): Promise<EvalSession>;
  /** Called when a process that evaluates starts: removes what runners of processes that died have left behind. */
  tidy?(): Promise<void>;
  /** Rejects with an `InfrastructureError` while no session can be had on this machine: its work is left to other workers. */
  ready?(): Promise<void>;
  /** All that it needs on this machine, for `gradients doctor`. Never rejects. */
  diagnose?(): Promise<readonly Diagnosis[]>;
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

/** The task's own fault: it can't be evaluated, however often it is tried, and nobody is charged. */
export class TaskError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TaskError";
    this.code = code;
  }
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
