import assert from "node:assert/strict";
import { readdir, readlink } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type {
  EvalOutcome,
  EvalRequest,
  EvalRunner,
  EvalSession,
  LiveEvalRunner,
  RunOptions,
  SessionNeeds,
} from "../eval-runner.ts";
import { InfrastructureError } from "../eval-runner.ts";
import { check, type Check, type Skip } from "./check.ts";
import { createTestHost, type TestHost } from "./test-host.ts";

type Submission = NonNullable<EvalRequest["submission"]>;

/** A small task and submissions that make its evaluator succeed and fail in every way. */
export interface RunnerWorld {
  readonly needs: SessionNeeds;
  readonly good: Submission;
  /** The evaluator says that it is the submission's fault. */
  readonly bad: Submission;
  /** Ends the evaluator each time. */
  readonly crashing: Submission;
  /** Ends the evaluator the first time in a session only. */
  readonly crashingOnce: Submission;
  /** Never answers. */
  readonly hanging: Submission;
}

export interface RunnerCases {
  readonly options: Readonly<Record<string, unknown>>;
  /** Enough for the evaluator to answer on a busy machine, and short enough to wait for a hanging one twice. */
  readonly timeoutMs: number;
  /** Files go into the host's data folder. */
  arrange(host: TestHost): Promise<RunnerWorld>;
  readonly skip?: readonly Skip[];
}

interface Arranged {
  readonly world: RunnerWorld;
  readonly live: LiveEvalRunner;
  readonly host: TestHost;
}

const never = new AbortController().signal;

/** All that the kit checks of an eval runner; each check throws when it does not hold. */
export function evalRunnerChecks(runner: EvalRunner, cases: RunnerCases): readonly Check[] {
  const runnerCheck = (name: string, run: (arranged: Arranged) => Promise<void>) =>
    check(name, async () => {
      await using host = await createTestHost();
      const world = await cases.arrange(host);
      await run({ world, host, live: runner.create(runner.options.parse(cases.options), host) });
      assert.deepEqual(await readdir(host.scratchFolder), [], "the scratch folder must be empty after the sessions");
      await noProcessIn(host.scratchFolder);
    });
  const sessionCheck = (name: string, run: (session: EvalSession, arranged: Arranged) => Promise<void>) =>
    runnerCheck(name, async (arranged) => {
      await using session = await arranged.live.open(arranged.world.needs, never);
      await run(session, arranged);
    });
  const calmly: RunOptions = { timeoutMs: cases.timeoutMs, signal: never };
  return [
    check("is a frozen eval runner of this plugin API", () => {
      assert(
        Object.isFrozen(runner) && runner.type === "eval-runner" && runner.api === 1,
        "make it with defineEvalRunner",
      );
      assert(!runner.options.safeParse({ anUnknownOption: 1 }).success, "options must be a z.strictObject");
    }),
    sessionCheck("evaluates the base and a submission in one session", async (session, { world }) => {
      assertCompleted(await session.run({ submission: null }, calmly));
      assertCompleted(await session.run({ submission: world.good }, calmly));
    }),
    sessionCheck("says where and with what it evaluates", async ({ record }) => {
      assert.equal(record.runner, runner.name);
      assert.match(record.device, /\S/);
      assert.match(record.evaluator, /\S/);
      assert(Object.keys(record.libraries).length > 0, "library versions must be recorded");
    }),
    sessionCheck("gives each of many waiting requests its own answer", async (session, { world }) => {
      const outcomes = await Promise.all(
        [world.good, world.bad, world.good].map((submission) => session.run({ submission }, calmly)),
      );
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ["completed", "failed", "completed"],
      );
    }),
    sessionCheck("blames a submission that the evaluator refuses, and goes on", async (session, { world }) => {
      assertFailed(await session.run({ submission: world.bad }, calmly), "submission");
      assertCompleted(await session.run({ submission: world.good }, calmly));
    }),
    sessionCheck(
      "blames a submission that brings the evaluator down twice, and goes on",
      async (session, { world }) => {
        assertFailed(await session.run({ submission: world.crashing }, calmly), "submission");
        assertCompleted(await session.run({ submission: world.good }, calmly));
      },
    ),
    sessionCheck("gives a submission a second try after a crash", async (session, { world }) => {
      assertCompleted(await session.run({ submission: world.crashingOnce }, calmly));
    }),
    sessionCheck("ends a hanging evaluator, blames the submission and goes on", async (session, { world }) => {
      assertFailed(await session.run({ submission: world.hanging }, calmly), "submission");
      assertCompleted(await session.run({ submission: world.good }, calmly));
    }),
    sessionCheck("charges nobody for an evaluation that was called off, and goes on", async (session, { world }) => {
      const controller = new AbortController();
      const outcome = session.run({ submission: world.hanging }, { ...calmly, signal: controller.signal });
      controller.abort();
      assertFailed(await outcome, "infrastructure");
      assertCompleted(await session.run({ submission: world.good }, calmly));
    }),
    runnerCheck("ends a running evaluation when the session is disposed", async ({ live, world }) => {
      const session = await live.open(world.needs, never);
      const outcome = session.run({ submission: world.hanging }, calmly);
      await session[Symbol.asyncDispose]();
      assertFailed(await outcome, "infrastructure");
    }),
    runnerCheck("keeps two sessions apart", async ({ live, world }) => {
      await using first = await live.open(world.needs, never);
      await using second = await live.open(world.needs, never);
      const [crashed, fine] = await Promise.all([
        first.run({ submission: world.crashing }, calmly),
        second.run({ submission: world.good }, calmly),
      ]);
      assertFailed(crashed, "submission");
      assertCompleted(fine);
    }),
    runnerCheck("rejects with an InfrastructureError where the base is missing", async ({ live, world }) => {
      const needs = { ...world.needs, basePath: `${world.needs.basePath}-that-is-not-there` };
      await assert.rejects(
        live.open(needs, never),
        (error) => error instanceof InfrastructureError && error.code !== "",
      );
    }),
    runnerCheck("opens nothing once it is called off", async ({ live, world }) => {
      await assert.rejects(live.open(world.needs, AbortSignal.abort()));
    }),
    runnerCheck("runs tasks that carry code in containers only", async ({ live, world }) => {
      const needs = { ...world.needs, carriesCode: true };
      if (runner.isolation === "container") {
        await using session = await live.open(needs, never);
        assert.equal(session.record.runner, runner.name);
      } else await assert.rejects(live.open(needs, never), { code: "ISOLATION_REQUIRED" });
    }),
  ];
}

function assertCompleted(outcome: EvalOutcome): void {
  const detail = outcome.status === "failed" ? `${outcome.cause} ${outcome.code}: ${outcome.message}` : "";
  assert.equal(outcome.status, "completed", detail);
}

function assertFailed(outcome: EvalOutcome, cause: "submission" | "infrastructure"): void {
  assert(outcome.status === "failed", "expected a failure, the evaluation was completed");
  assert.equal(outcome.cause, cause, `${outcome.code}: ${outcome.message}`);
  assert.match(outcome.code, /^[A-Z][A-Z0-9_]*$/);
}

/** Waits until no process works in a folder (where the system tells: Linux); a killed one takes a moment to go. */
async function noProcessIn(folder: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await processesIn(folder)).length === 0) return;
    await pause(10);
  }
  assert.fail("processes of the session are still running");
}

async function processesIn(folder: string): Promise<readonly string[]> {
  const ids = await readdir("/proc").catch(() => []);
  const folders = await Promise.all(
    ids.filter((id) => /^\d+$/.test(id)).map((id) => readlink(`/proc/${id}/cwd`).catch(() => "")),
  );
  return folders.filter((path) => path.startsWith(folder));
}
