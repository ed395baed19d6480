import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { EvalOutcome, EvalProgress, EvalSession, SessionNeeds } from "../../src/core/contract/index.ts";
import { createTestHost, type TestHost } from "../../src/core/contract/testing/test-host.ts";
import { testEvalRunner } from "../../src/core/contract/testing/test-eval-runner.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";

const fakeEvaluator = [process.execPath, fileURLToPath(new URL("../helpers/fake-evaluator.ts", import.meta.url))];
const never = new AbortController().signal;
const calmly = { timeoutMs: 30_000, signal: never };

async function arrangeNeeds(host: TestHost): Promise<SessionNeeds> {
  const basePath = join(host.dataFolder, "base");
  await mkdir(basePath);
  const test = join(host.dataFolder, "test.jsonl");
  await writeFile(test, "{}\n");
  return {
    taskId: "task",
    basePath,
    sets: { test },
    objective: { name: "token-cross-entropy", options: {} },
    contextLength: 128,
    seed: "00",
    carriesCode: false,
  };
}

async function aSubmission(host: TestHost, behaviour: string) {
  const path = join(host.dataFolder, "submissions", behaviour);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "behaviour"), behaviour);
  return { id: behaviour, path, artifactKind: "LORA" as const };
}

testEvalRunner(localRunner, {
  options: { command: fakeEvaluator },
  timeoutMs: 1500,
  arrange: async (host) => ({
    needs: await arrangeNeeds(host),
    good: await aSubmission(host, "good"),
    bad: await aSubmission(host, "bad"),
    crashing: await aSubmission(host, "crash"),
    crashingOnce: await aSubmission(host, "crash-once"),
    hanging: await aSubmission(host, "hang"),
  }),
});

describe("local eval runner", () => {
  const withSession = async <T>(
    work: (session: EvalSession, host: TestHost) => Promise<T>,
    options: object = {},
  ): Promise<T> => {
    await using host = await createTestHost();
    const live = localRunner.create(localRunner.options.parse({ command: fakeEvaluator, ...options }), host);
    await using session = await live.open(await arrangeNeeds(host), never);
    return await work(session, host);
  };
  const runBehaviour = (behaviour: string, options: object = {}): Promise<EvalOutcome> =>
    withSession(
      async (session, host) => session.run({ submission: await aSubmission(host, behaviour) }, calmly),
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
      await session.run({ submission: await aSubmission(host, "twice") }, calmly),
      await session.run({ submission: await aSubmission(host, "good") }, calmly),
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
    const live = localRunner.create(localRunner.options.parse({ command: fakeEvaluator }), host);
    const needs = { ...(await arrangeNeeds(host)), objective: { name: "denoise", options: {} } };
    await expect(live.open(needs, never)).rejects.toMatchObject({ code: "UNKNOWN_OBJECTIVE" });
  });
});
