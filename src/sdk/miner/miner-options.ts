import type { Backoff } from "../backoff.ts";
import type { KeyPair } from "../keys.ts";
import type { MinerEvent } from "../miner-events.ts";
import type { AssignmentState } from "./assignment-state.ts";
import type { MakeModel } from "./model-maker.ts";
import type { Progress } from "./progress.ts";

/** Told about everything that happens to a miner; never changes it. */
export interface MinerObserver {
  /** Signed in and registered: offers can come. */
  onRegistered?(): void;
  onEvent?(event: MinerEvent): void;
  onProgress?(state: AssignmentState, progress: Progress): void;
  onStage?(state: AssignmentState): void;
  /** A failure of one assignment; the miner goes on. */
  onProblem?(state: AssignmentState | null, error: Error): void;
  onDisconnected?(error: Error, retryInMs: number): void;
}

export interface MinerOptions {
  readonly url: string;
  readonly keyPair: KeyPair;
  readonly name: string;
  /** Kinds of tasks to take; all that the server has where it is left out. */
  readonly taskTypes?: readonly string[];
  /** Base models up to this many parameters. */
  readonly maxParameterCount: number;
  /** Tasks at a time. */
  readonly slots: number;
  /** The miner's memory: a second start with the same folder goes on where the first was. */
  readonly stateFolder: string;
  /** The miner's own copies of base models, by `<repo>[/<revision>]`. */
  readonly models: string;
  readonly makeModel: MakeModel;
  /** Written into task.json for the trainer. */
  readonly strategy?: unknown;
  /** Shown on the leaderboard after scoring; may depend on the kind of the task. */
  readonly strategyLabel?: string | ((kind: string) => string | null);
  /** Between plain signs of life (default 10 s). */
  readonly heartbeatMs?: number;
  /** Keeps the work folders of ended tasks; they are removed otherwise. */
  readonly keepWork?: boolean;
  readonly observer?: MinerObserver;
  readonly backoff?: Backoff;
  readonly webSocketImpl?: unknown;
  readonly signal: AbortSignal;
}
