import { describe, expect, it } from "vitest";
import { aSplit, aTask } from "../../../../test/api/rows.ts";
import { InfrastructureError, TaskError, type EvalOutcome } from "../../contract/index.ts";
import { instruct } from "../../../plugins/instruct/index.ts";
import type { EvaluationContext } from "./evaluation-session.ts";
import { readOutcome } from "./read-outcome.ts";

const task = aTask();
const splitOf = (split: "TEST" | "SYNTH", rows: number) => aSplit({ taskId: task.id, split, rows });
const base = {
  repo: task.baseRepo,
  revision: task.baseRevision,
  parameterCount: 1,
  contextLength: 128,
  path: "/nowhere",
  files: [],
  tensorDigests: async () => new Map(),
  config: {},
};

const context = (...splits: EvaluationContext["splits"]): EvaluationContext => ({
  task,
  taskType: instruct,
  spec: instruct.spec.parse({}),
  base,
  splits,
  seed: "",
});

const setOf = (...losses: readonly number[]) => {
  const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
  return { rows: losses.map((one) => ({ loss: one, tokens: 1 })), loss, tokenLoss: loss };
};
const answer = (sets: object): EvalOutcome => ({
  status: "completed",
  output: { sets, durationMs: 1 },
  durationMs: 7,
});

describe("readOutcome", () => {
  it("weighs what the evaluator answers for the task's sets", () => {
    const splits = [splitOf("TEST", 2), splitOf("SYNTH", 1)];
    const reading = readOutcome(context(...splits), answer({ test: setOf(1, 3), synth: setOf(4) }));
    expect(reading).toMatchObject({ status: "COMPLETED", weightedLoss: expect.closeTo(2.6, 12), durationMs: 7 });
  });

  it.each([
    ["fewer rows than TEST has", [splitOf("TEST", 3)], { test: setOf(1, 2) }],
    ["more rows than SYNTH has", [splitOf("TEST", 1), splitOf("SYNTH", 1)], { test: setOf(1), synth: setOf(1, 2) }],
    ["no SYNTH where the task has it", [splitOf("TEST", 1), splitOf("SYNTH", 2)], { test: setOf(1) }],
    ["a loss that is no number", [splitOf("TEST", 1)], { test: setOf(Number.NaN) }],
    ["a mean that the rows do not amount to", [splitOf("TEST", 1)], { test: { ...setOf(1), loss: 0.5 } }],
  ])("takes %s for the evaluator's fault, not the submission's", (_, splits, sets) => {
    const read = () => readOutcome(context(...splits), answer(sets));
    expect(read).toThrow(expect.objectContaining({ code: "EVALUATOR_OUTPUT_INVALID" }));
    expect(read).toThrow(InfrastructureError);
  });

  it("charges a loss that is not finite to the submission, but not what the type makes of finite ones", () => {
    const reading = (changes: Partial<typeof instruct>) =>
      readOutcome(
        { ...context(splitOf("TEST", 1)), taskType: { ...instruct, ...changes } },
        answer({ test: setOf(1) }),
      );
    const infinite = {
      ...instruct.losses({ sets: { test: setOf(1) }, durationMs: 1 }, instruct.spec.parse({})),
      testLoss: Infinity,
    };
    expect(reading({ losses: () => infinite })).toMatchObject({ status: "INVALID", code: "NON_FINITE_LOSS" });
    expect(() => reading({ weightedLoss: () => Number.NaN })).toThrow(
      expect.objectContaining({ code: "EVALUATOR_OUTPUT_INVALID", message: expect.stringContaining("NaN") }),
    );
  });

  it("charges a failure to whom the evaluator says", () => {
    const failed = (cause: "submission" | "task" | "infrastructure"): EvalOutcome => ({
      status: "failed",
      cause,
      code: "NON_FINITE_LOSS",
      message: "row 1",
      logTail: "end",
    });
    expect(readOutcome(context(), failed("submission"))).toMatchObject({ status: "INVALID", code: "NON_FINITE_LOSS" });
    expect(() => readOutcome(context(), failed("task"))).toThrow(TaskError);
    expect(() => readOutcome(context(), failed("infrastructure"))).toThrow(InfrastructureError);
  });
});
