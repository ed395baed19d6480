import { describe, expect, it } from "vitest";
import { expectNothingLeft } from "../a-daemon.ts";
import { calmly, limits, underAttack } from "./an-attack.ts";

expectNothingLeft();

describe("a submission that answers in the evaluator's place", () => {
  it.each([
    "not a number",
    "a key twice",
    "an id twice",
    "an unknown id",
    "no id",
    "an unknown field",
    "a nest of lists",
    "less than nothing done",
    "more than everything",
    "a byte order mark",
    "no JSON",
  ])("is blamed for an answer that is none: %s", (name) =>
    underAttack(async ({ attack }) => {
      expect(await attack(name)).toMatchObject({ cause: "submission", code: "EVALUATOR_PROTOCOL" });
    }),
  );

  it.each(["a second result", "the next model's result", "the start of the next model's result"])(
    "gains nothing by %s: the next model is evaluated in a new container",
    (name) =>
      underAttack(async ({ attack, session }) => {
        expect(await attack(name)).toMatchObject({ output: { loss: 1 } });
        const next = await session.run({ submission: null }, calmly);
        expect(next).toMatchObject({ status: "completed", output: { loss: 1 } });
      }),
  );

  it("changes no object but its own answer by the keys that it has", () =>
    underAttack(async ({ attack }) => {
      expect(await attack("keys of every object")).toMatchObject({ status: "completed", output: { loss: 1 } });
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(Object({}).rank).toBeUndefined();
    }));

  it("is understood letter by letter, and up to the last byte that a line may have", () =>
    underAttack(async ({ attack }) => {
      expect(await attack("letters in pieces")).toMatchObject({ output: { loss: 1, text: "é中😀" } });
      const most = limits.maxLineBytes;
      expect(await attack("a line of bytes", { bytes: most })).toMatchObject({ output: { loss: 1 } });
      expect(await attack("a line of bytes", { bytes: most + 1 })).toMatchObject({ code: "EVALUATOR_PROTOCOL" });
    }));

  it.each(["a clean end in the middle", "a message without an end", "an end that leaves daemons", "a pretended kill"])(
    "is blamed for %s",
    (name) =>
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
