import { describe, expect, it } from "vitest";
import { expectNothingLeft } from "../a-daemon.ts";
import { calmly, underAttack } from "./an-attack.ts";

expectNothingLeft();

describe("a submission that answers in the evaluator's place", () => {
  it.each(["not a number", "a key twice", "an id twice", "an unknown id", "no id", "an unknown field", "no JSON"])(
    "is blamed for an answer that is none: %s",
    (name) =>
      underAttack(async ({ attack }) => {
        expect(await attack(name)).toMatchObject({ cause: "submission", code: "EVALUATOR_PROTOCOL" });
      }),
  );

  it("gains nothing by a second result: the next model is evaluated in a new container", () =>
    underAttack(async ({ attack, session }) => {
      expect(await attack("a second result")).toMatchObject({ output: { loss: 1 } });
      const next = await session.run({ submission: null }, calmly);
      expect(next).toMatchObject({ status: "completed", output: { loss: 1 } });
    }));

  it.each(["a clean end in the middle", "a pretended kill"])("is blamed for %s", (name) =>
    underAttack(async ({ attack }) => {
      expect(await attack(name)).toMatchObject({ cause: "submission", code: "EVALUATOR_CRASHED" });
    }),
  );

  it("is blamed when it closes its output and goes on running", () =>
    underAttack(async ({ attack }) => {
      const outcome = await attack("closed output", {}, { timeoutMs: 1500 });
      expect(outcome).toMatchObject({ cause: "submission", code: "EVALUATOR_TIMEOUT" });
    }));

  it("can't kill the first process of its container, and so can't pretend to be killed from outside", () =>
    underAttack(async ({ saw }) => expect(await saw("killing itself")).toEqual({ survived: true })));
});
