import { describe, expect, it } from "vitest";
import type { EvalOutcome, EvalProgress, EvalSession } from "../../src/core/contract/index.ts";
import { createTestHost, type TestHost } from "../../src/core/contract/testing/test-host.ts";
import { testEvalRunner } from "../../src/core/contract/testing/test-eval-runner.ts";
import {
  arrangeScriptedWorld,
  scriptedEvaluator,
  scriptedNeeds,
  scriptedSubmission,
} from "../../src/core/contract/testing/scripted-runner-cases.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";

const never = new AbortController().signal;
const calmly = { timeoutMs: 30_000, signal: never };

testEvalRunner(localRunner, {
  options: { command: scriptedEvaluator },
  timeoutMs: 1500,
  arrange: arrangeScriptedWorld,
});

describe("local eval runner", () => {
  const withSession = async <T>(
    work: (session: EvalSession, host: TestHost) => Promise<T>,
    options: object = {},
  ): Promise<T> => {
    await using host = await createTestHost();
    const live = localRunner.create(localRunner.options.parse({ command: scriptedEvaluator, ...options }), host);
    await using session = await live.open(await scriptedNeeds(host), never);
    return await work(session, host);
  };
  const runBehaviour = (behaviour: string, options: object = {}): Promise<EvalOutcome> =>
    withSession(
      async (session, host) => session.run({ submission: await scriptedSubmission(host, behaviour) }, calmly),
      options,
    );

  it.each([
    ["garbage", "EVALUATOR_PROTOCOL"],
    ["other-id", "EVALUATOR_PROTOCOL"],
    ["flood", "EVALUATOR_PROTOCOL"],
    ["many-lines", "EVALUATOR_PROTOCOL"],
    ["crash", "EVALUATOR_CRASHED"],
  ])("blames a submission under which the evaluator answers with %s", async (behaviour, code) => {
    const outcome = await runBehaviour(behaviour, { maxLineBytes: 100_000, maxRequestBytes: 500_000 });
    expect(outcome).toMatchObject({ status: "failed", cause: "submission", code });
  });

  it("charges nobody when the evaluator blames itself", async () => {
    const outcome = await runBehaviour("broken-evaluator");
    expect(outcome).toMatchObject({ status: "failed", cause: "infrastructure", code: "OUT_OF_MEMORY" });
  });

  it("keeps the end of the evaluator's log with a failure", async () => {
    expect(await runBehaviour("crash")).toMatchObject({ logTail: expect.stringContaining("about to crash") });
  });

  it("does not take a second answer to one request for the answer to the next", async () => {
    const outcomes = await withSession(async (session, host) => [
      await session.run({ submission: await scriptedSubmission(host, "twice") }, calmly),
      await session.run({ submission: await scriptedSubmission(host, "good") }, calmly),
    ]);
    expect(outcomes).toMatchObject([
      { status: "completed", output: { loss: 1 } },
      { status: "completed", output: { loss: 1 } },
    ]);
  });

  it("lends the evaluator none of the server's environment", async () => {
    const outcome = await runBehaviour("environment");
    expect(outcome).toMatchObject({ output: { environment: ["HOME", "LANG", "TMPDIR"] } });
  });

  it.each([
    [{ kind: "gpu", uuid: "GPU-aaaa" }, "GPU-aaaa"],
    [{ kind: "cpu", uuid: "CPU-host-0" }, ""],
    [null, null],
  ] as const)("shows the evaluator of a session on %o only its own GPU", async (device, gpus) => {
    await using host = await createTestHost();
    const live = localRunner.create(localRunner.options.parse({ command: scriptedEvaluator }), host);
    await using session = await live.open({ ...(await scriptedNeeds(host)), device }, never);
    const submission = await scriptedSubmission(host, "environment");
    expect(await session.run({ submission }, calmly)).toMatchObject({ output: { gpus } });
  });

  it("passes progress on", async () => {
    const progress: EvalProgress[] = [];
    await withSession((session) =>
      session.run({ submission: null }, { ...calmly, onProgress: (step) => progress.push(step) }),
    );
    expect(progress).toEqual([{ done: 1, total: 2 }]);
  });

  it("says so where the evaluator program does not exist", async () => {
    await expect(runBehaviour("good", { command: ["/there/is/no/such/program"] })).rejects.toMatchObject({
      name: "InfrastructureError",
      code: "EVALUATOR_CRASHED",
      message: expect.stringContaining("could not be started"),
    });
  });

  it("says so where the evaluator does not know the objective", async () => {
    await using host = await createTestHost();
    const live = localRunner.create(localRunner.options.parse({ command: scriptedEvaluator }), host);
    const needs = { ...(await scriptedNeeds(host)), objective: { name: "denoise", options: {} } };
    await expect(live.open(needs, never)).rejects.toMatchObject({ code: "UNKNOWN_OBJECTIVE" });
  });
});
