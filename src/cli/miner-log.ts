import type { MinerEvent, MinerObserver } from "../sdk/index.ts";
import { decimals } from "./output.ts";

/** Prints what happens to a miner, a line each: JSON, or words. */
export function minerLog(json: boolean): MinerObserver {
  const write = (event: string, words: string, fields: Readonly<Record<string, unknown>>): void => {
    process.stdout.write(json ? `${JSON.stringify({ event, ...fields })}\n` : `${words}\n`);
  };
  return {
    onRegistered: () => write("Registered", "registered: waiting for offers", {}),
    onEvent: (event) => write(event.__typename, eventWords(event), { ...event }),
    onProgress: ({ taskId }, progress) => {
      const { step, steps, loss, etaSeconds } = progress;
      write(
        "Progress",
        `  step ${step}/${steps ?? "?"}  loss ${decimals(loss, 4)}  ${decimals(etaSeconds, 0)} s left`,
        { taskId, ...progress },
      );
    },
    onStage: ({ taskId, assignmentId, stage }) =>
      write("Stage", `task ${taskId}: ${stage.toLowerCase()}`, { taskId, assignmentId, stage }),
    onProblem: (state, error) => {
      write("Problem", `problem${state === null ? "" : ` with task ${state.taskId}`}: ${error.message}`, {
        taskId: state?.taskId ?? null,
        message: error.message,
      });
    },
    onDisconnected: (error, retryInMs) => {
      write("Disconnected", `disconnected (${error.message}); next try in ${retryInMs} ms`, {
        message: error.message,
        retryInMs,
      });
    },
  };
}

function eventWords(event: MinerEvent): string {
  switch (event.__typename) {
    case "OfferMade":
      return `offer: ${event.kind} on ${event.baseModel.repo}, ${event.datasetRows} rows, ${event.budgetSeconds} s`;
    case "OfferClosed":
      return `offer ${event.status.toLowerCase()}`;
    case "Assigned":
      return `assigned: ${event.title} (task ${event.taskId}), until ${event.deadline}`;
    case "DeadlineChanged":
      return `new deadline ${event.deadline}: ${event.reason}`;
    case "TaskCancelled":
      return `task ${event.taskId} was cancelled`;
    case "SubmissionSealed":
      return `sealed as number ${event.ordinal}: ${event.staticVerdict.status}${event.staticVerdict.message === null ? "" : ` (${event.staticVerdict.message})`}`;
    case "TaskScored":
      return `scored ${event.score} (rank ${event.rank ?? "none"}): ${event.explanation}`;
    case "WeightSetPublished":
      return `weight ${decimals(event.weight, 6)} in weight set ${event.digest.slice(0, 12)}`;
    case "Notice":
      return `notice ${event.code}: ${event.message}`;
  }
}
