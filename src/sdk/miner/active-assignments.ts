import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { DEFAULT_BACKOFF, withRetries } from "../backoff.ts";
import type { GradientsClient } from "../client.ts";
import { UserError } from "../errors.ts";
import { HeartbeatDocument, ReportFailureDocument } from "../generated/graphql.ts";
import { isOver, type AssignmentFolder, type AssignmentStage, type AssignmentState } from "./assignment-state.ts";
import type { MinerOptions } from "./miner-options.ts";
import { runAssignment } from "./run-assignment.ts";
import { stateFolderError } from "./state-folder.ts";

/** Node's timers hold at most this many milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** After a deadline the server is asked whether the task is really over: it never charges its own downtime. */
const DEADLINE_GRACE_MS = 2000;

/** The server takes so much of a failure's message; the end of a log says most. */
const MAX_FAILURE_CHARACTERS = 2000;

interface Active {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** The assignments that a miner works on in this process. */
export interface ActiveAssignments extends AsyncDisposable {
  /** Works on an assignment in the background, from where it is. */
  start(state: AssignmentState): void;
  /** Stops the work on a task and writes down how it ended. */
  end(taskId: string, stage: AssignmentStage): Promise<void>;
  changeDeadline(assignmentId: string, deadline: string): Promise<void>;
}

/**
 * Keeps track of running assignments; disposing stops them all and leaves their state for the next start.
 *
 * @param onBroken told of what no assignment can outlive, such as a state folder that can't be written any more.
 */
export function activeAssignments(
  client: GradientsClient,
  assignments: AssignmentFolder,
  options: MinerOptions,
  onBroken: (error: unknown) => void,
): ActiveAssignments {
  const {
    stateFolder,
    models,
    makeModel,
    strategy = null,
    strategyLabel = null,
    observer = {},
    backoff = DEFAULT_BACKOFF,
  } = options;
  const active = new Map<string, Active>();

  const work = async (state: AssignmentState, controller: AbortController): Promise<void> => {
    const { signal } = controller;
    try {
      await runAssignment({
        client,
        assignments,
        state,
        models,
        makeModel,
        strategy,
        strategyLabel: typeof strategyLabel === "function" ? strategyLabel(state.kind) : strategyLabel,
        signal,
        backoff,
        onProgress: (current, progress) => observer.onProgress?.(current, progress),
        onStage: (current) => observer.onStage?.(current),
        onRefused: (error) => controller.abort(error),
      });
    } catch (error) {
      const broken = stateFolderError(error, stateFolder);
      if (broken !== null) throw broken;
      await giveUp(state, signal, error);
    }
  };

  /** The assignment can't go on, unless it was only stopped from here: the server is told, if it does not know already. */
  const giveUp = async ({ assignmentId }: AssignmentState, signal: AbortSignal, error: unknown): Promise<void> => {
    if (signal.aborted && !(signal.reason instanceof UserError)) return;
    const problem: unknown = signal.aborted ? signal.reason : error;
    const message = problem instanceof Error ? problem.message : String(problem);
    const latest = await assignments.load(assignmentId);
    if (latest === null || isOver(latest)) return;
    if (!signal.aborted) {
      const input = { assignmentId, message: message.slice(-MAX_FAILURE_CHARACTERS) };
      const report = (): Promise<unknown> => client.request(ReportFailureDocument, { input }, { signal });
      // Refused where the assignment is over for the server too.
      await withRetries(report, { retries: Number.POSITIVE_INFINITY, backoff, signal }).catch(() => undefined);
    }
    const failed = (await assignments.change(assignmentId, { stage: "FAILED" })) ?? latest;
    observer.onStage?.(failed);
    observer.onProblem?.(failed, problem instanceof Error ? problem : new Error(message));
  };

  /** A trainer that reports no progress would not learn that its task is over: asks once the deadline has passed. */
  const watchDeadline = async (
    { assignmentId }: AssignmentState,
    controller: AbortController,
    done: AbortSignal,
  ): Promise<void> => {
    const signal = AbortSignal.any([controller.signal, done]);
    while (!signal.aborted) {
      const latest = await assignments.load(assignmentId);
      if (latest === null || latest.stage !== "ASSIGNED") return;
      const left = new Date(latest.deadline).getTime() - Date.now();
      await wait(Math.min(MAX_TIMER_MS, Math.max(0, left) + DEADLINE_GRACE_MS), undefined, { signal, ref: false });
      if (left > 0) continue;
      const input = { assignmentId, phase: "TRAINING" };
      const ask = (): Promise<unknown> => client.request(HeartbeatDocument, { input }, { signal });
      await withRetries(ask, { retries: Number.POSITIVE_INFINITY, backoff, signal }).catch((error: unknown) => {
        if (error instanceof UserError) controller.abort(error);
      });
    }
  };

  return {
    start: (state) => {
      if (isOver(state) || active.has(state.assignmentId)) return;
      const controller = new AbortController();
      const finished = new AbortController();
      const watch = watchDeadline(state, controller, finished.signal).catch(() => undefined);
      const done = work(state, controller)
        .catch(onBroken)
        .finally(async () => {
          active.delete(state.assignmentId);
          finished.abort();
          await watch;
        });
      active.set(state.assignmentId, { controller, done });
    },
    end: async (taskId, stage) => {
      const states = (await assignments.loadAll()).filter((state) => state.taskId === taskId && !isOver(state));
      for (const { assignmentId } of states) {
        const running = active.get(assignmentId);
        running?.controller.abort();
        await running?.done;
        const ended = await assignments.change(assignmentId, { stage });
        if (ended === null) continue;
        observer.onStage?.(ended);
        if (options.keepWork !== true) await rm(assignments.workFolder(assignmentId), { recursive: true, force: true });
      }
    },
    changeDeadline: async (assignmentId, deadline) => {
      await assignments.change(assignmentId, { deadline });
    },
    [Symbol.asyncDispose]: async () => {
      const running = [...active.values()];
      for (const { controller } of running) controller.abort();
      await Promise.all(running.map(({ done }) => done));
    },
  };
}
