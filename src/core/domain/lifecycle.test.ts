import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TASK_STATUSES, TRANSITIONS, eventsFrom, isTerminal, next } from "./lifecycle.ts";
import type { TaskEvent, TaskStatus } from "./lifecycle.ts";

const EVENTS = Object.keys(TRANSITIONS) as TaskEvent[]; // Object.keys forgets the literal keys

const LEGAL: readonly (readonly [TaskStatus, TaskEvent, TaskStatus])[] = [
  ["QUEUED", "preparationStarted", "PREPARING"],
  ["PREPARING", "prepared", "RECRUITING"],
  ["RECRUITING", "recruitingDelayed", "DELAYED"],
  ["DELAYED", "recruitingResumed", "RECRUITING"],
  ["RECRUITING", "minersAssigned", "TRAINING"],
  ["TRAINING", "trainingClosed", "EVALUATING"],
  ["EVALUATING", "evaluated", "SCORED"],
  ...(["QUEUED", "PREPARING", "RECRUITING", "DELAYED", "TRAINING", "EVALUATING"] as const).flatMap((state) => [
    [state, "failed", "FAILED"] as const,
    [state, "cancelled", "CANCELLED"] as const,
  ]),
];

describe("next", () => {
  it.each(LEGAL)("%s + %s -> %s", (state, event, following) => {
    expect(next(state, event)).toEqual({ ok: true, value: following });
  });

  it("refuses every pair that the table doesn't list, and names the allowed events", () => {
    const legal = new Set(LEGAL.map(([state, event]) => `${state} ${event}`));
    const illegal = TASK_STATUSES.flatMap((state) =>
      EVENTS.filter((event) => !legal.has(`${state} ${event}`)).map((event) => ({ state, event })),
    );
    expect(illegal).toHaveLength(9 * 9 - 19);
    for (const { state, event } of illegal) {
      const error = { code: "ILLEGAL_TRANSITION", state, event, allowed: eventsFrom(state) };
      expect(next(state, event)).toMatchObject({ ok: false, error });
    }
  });

  it("refuses names that only an object's prototype knows", () => {
    expect(next("QUEUED", "toString" as TaskEvent).ok).toBe(false); // what an untyped caller could pass
  });

  it("reaches a terminal state by any walk, and then stays", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (choices) => {
        let state: TaskStatus = "QUEUED";
        for (const choice of choices) {
          const allowed = eventsFrom(state).filter((event) => event !== "recruitingDelayed");
          const event = allowed[choice % Math.max(1, allowed.length)];
          if (event === undefined) break;
          const outcome = next(state, event);
          if (outcome.ok) state = outcome.value;
        }
        expect(isTerminal(state)).toBe(true);
        expect(EVENTS.some((event) => next(state, event).ok)).toBe(false);
      }),
    );
  });
});

describe("isTerminal", () => {
  it("is true for SCORED, FAILED and CANCELLED only", () => {
    expect(TASK_STATUSES.filter(isTerminal)).toEqual(["SCORED", "FAILED", "CANCELLED"]);
  });
});
