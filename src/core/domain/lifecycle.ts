import { err, ok } from "./result.ts";
import type { Result } from "./result.ts";

/** All states of a task, in the order of a life without accidents (spec section 1). */
export const TASK_STATUSES = Object.freeze([
  "QUEUED",
  "PREPARING",
  "RECRUITING",
  "DELAYED",
  "TRAINING",
  "EVALUATING",
  "SCORED",
  "FAILED",
  "CANCELLED",
] as const);
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Why a task ended without scores; CANCELLED is the code of a cancelled one. */
export const TASK_FAILURE_CODES = Object.freeze([
  "PREPARATION_FAILED",
  "NO_MINERS",
  "NO_VALID_SUBMISSION",
  "EVALUATION_FAILED",
  "CANCELLED",
] as const);
export type TaskFailureCode = (typeof TASK_FAILURE_CODES)[number];

interface Transition {
  readonly from: readonly TaskStatus[];
  readonly to: TaskStatus;
}

const UNFINISHED = Object.freeze([
  "QUEUED",
  "PREPARING",
  "RECRUITING",
  "DELAYED",
  "TRAINING",
  "EVALUATING",
] as const satisfies readonly TaskStatus[]);

/** The one table of transitions: what happened, from which states it may happen, and where it leads. */
export const TRANSITIONS = Object.freeze({
  preparationStarted: { from: ["QUEUED"], to: "PREPARING" },
  prepared: { from: ["PREPARING"], to: "RECRUITING" },
  recruitingDelayed: { from: ["RECRUITING"], to: "DELAYED" },
  recruitingResumed: { from: ["DELAYED"], to: "RECRUITING" },
  minersAssigned: { from: ["RECRUITING"], to: "TRAINING" },
  trainingClosed: { from: ["TRAINING"], to: "EVALUATING" },
  evaluated: { from: ["EVALUATING"], to: "SCORED" },
  failed: { from: UNFINISHED, to: "FAILED" },
  cancelled: { from: UNFINISHED, to: "CANCELLED" },
} as const satisfies Record<string, Transition>);

/** What can happen to a task, in the past tense. */
export type TaskEvent = keyof typeof TRANSITIONS;

/** An event that the table doesn't allow in this state; `allowed` names those that it does. */
export interface IllegalTransition {
  readonly code: "ILLEGAL_TRANSITION";
  readonly state: TaskStatus;
  readonly event: TaskEvent;
  readonly allowed: readonly TaskEvent[];
  readonly message: string;
}

const table: ReadonlyMap<string, Transition> = new Map(Object.entries(TRANSITIONS));
const events = Object.freeze(Object.keys(TRANSITIONS) as TaskEvent[]); // Object.keys forgets the literal keys

/** The events that the table allows in this state, in the table's order. */
export function eventsFrom(state: TaskStatus): readonly TaskEvent[] {
  return events.filter((event) => table.get(event)?.from.includes(state));
}

/** The state that follows when `event` happens in `state`; an error value for anything that the table doesn't list. */
export function next(state: TaskStatus, event: TaskEvent): Result<TaskStatus, IllegalTransition> {
  const transition = table.get(event);
  if (transition?.from.includes(state)) return ok(transition.to);
  const allowed = eventsFrom(state);
  const message = `${event} can't happen to a task that is ${state}; allowed: ${allowed.join(", ") || "nothing, it is final"}`;
  return err({ code: "ILLEGAL_TRANSITION", state, event, allowed, message });
}

/** Whether a task in this state stays there for good. */
export function isTerminal(state: TaskStatus): boolean {
  return eventsFrom(state).length === 0;
}
