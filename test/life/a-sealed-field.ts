import { randomUUID } from "node:crypto";
import { vi } from "vitest";
import type { App, BaseModelInfo, SubmissionRecord, TaskRecord } from "../../src/core/app/index.ts";
import type {
  EvalOutcome,
  EvalRequest,
  LiveEvalRunner,
  RunOptions,
  SessionNeeds,
} from "../../src/core/contract/index.ts";
import { anAssignment, anOffer, anUpload, aSubmission, aTask } from "../api/rows.ts";
import { someMiners } from "./a-market.ts";

/** A base that is there for whoever asks: nobody loads it. */
export const anyBase: App["bases"] = {
  find: async (repo, revision): Promise<BaseModelInfo> => ({
    repo,
    revision: revision ?? "0".repeat(40),
    parameterCount: 500_000,
    contextLength: 128,
    path: "/nowhere",
    files: [],
    tensorDigests: async () => new Map(),
    config: {},
  }),
  list: async () => [],
};

/** A task with one sealed model for each of so many miners, without files: for runners that read none. */
export async function aSealedField(
  app: App,
  models: number,
  given: Partial<TaskRecord> = {},
): Promise<{ readonly task: TaskRecord; readonly submissions: readonly SubmissionRecord[] }> {
  const miners = await someMiners(app, models);
  return app.store.transaction(async (tx) => {
    const task = await tx.insert("tasks", aTask({ status: "EVALUATING", ...given }));
    const submissions: SubmissionRecord[] = [];
    for (const { minerId } of miners) {
      const offer = await tx.insert("offers", anOffer({ taskId: task.id, minerId }));
      const ended = task.status === "TRAINING" ? { status: "ACTIVE" as const, endedAt: null } : {};
      const assignment = await tx.insert(
        "assignments",
        anAssignment({ taskId: task.id, minerId, offerId: offer.id, ...ended }),
      );
      submissions.push(await tx.insert("submissions", await sealed(tx, task, assignment)));
    }
    return { task, submissions };
  });
}

type Tx = Parameters<Parameters<App["store"]["transaction"]>[0]>[0];

async function sealed(tx: Tx, task: TaskRecord, { id: assignmentId, minerId }: { id: string; minerId: string }) {
  const upload = await tx.insert("uploads", anUpload({ assignmentId, minerId }));
  const final = task.status !== "TRAINING";
  return aSubmission({ taskId: task.id, assignmentId, minerId, uploadId: upload.id, files: [], final });
}

/** The miner of that submission seals another model. */
export async function sealAgain(app: App, task: TaskRecord, before: SubmissionRecord): Promise<SubmissionRecord> {
  return app.store.transaction(async (tx) => {
    const row = await sealed(tx, task, { id: before.assignmentId, minerId: before.minerId });
    return tx.insert("submissions", { ...row, ordinal: before.ordinal + 1 });
  });
}

/** One model that is being evaluated. */
export interface Running {
  readonly taskId: string;
  readonly submissionId: string | null;
  readonly device: string | null;
  /** Lets it end with its loss, or with that outcome. */
  end(outcome?: EvalOutcome): void;
}

/** A runner that works in the test's own time: every model runs until the test ends it, unless `instantly`. */
export interface HeldRunner extends LiveEvalRunner {
  readonly opened: SessionNeeds[];
  readonly running: Running[];
  readonly closed: () => number;
  instantly: boolean;
  /** Resolves when so many models are running. */
  atWork(count: number): Promise<readonly Running[]>;
}

/** The loss is the model's place in the alphabet of ids: the same wherever and whenever it is evaluated. */
export const lossOf = (submissionId: string | null): number =>
  submissionId === null ? 9 : 1 + Number.parseInt(submissionId.slice(0, 6), 16) / 0xffffff;

export function heldRunner(): HeldRunner {
  let closed = 0;
  const runner: HeldRunner = {
    opened: [],
    running: [],
    closed: () => closed,
    instantly: false,
    async atWork(count) {
      await vi.waitUntil(() => runner.running.length === count, { timeout: 20_000, interval: 5 });
      return [...runner.running];
    },
    async open(needs) {
      runner.opened.push(needs);
      return {
        record: { runner: "held", device: "none", image: null, evaluator: "held", libraries: {} },
        run: (request, options) => run(runner, needs, request, options),
        async [Symbol.asyncDispose]() {
          closed += 1;
        },
      };
    },
  };
  return runner;
}

async function run(
  runner: HeldRunner,
  needs: SessionNeeds,
  { submission }: EvalRequest,
  { signal }: RunOptions,
): Promise<EvalOutcome> {
  const submissionId = submission?.id ?? null;
  if (runner.instantly) return completed(submissionId);
  const { promise, resolve } = Promise.withResolvers<EvalOutcome>();
  const entry: Running = {
    taskId: needs.taskId,
    submissionId,
    device: needs.device?.uuid ?? null,
    end: (outcome = completed(submissionId)) => {
      runner.running.splice(runner.running.indexOf(entry), 1);
      resolve(outcome);
    },
  };
  runner.running.push(entry);
  signal.addEventListener("abort", () => entry.end());
  return promise;
}

function completed(submissionId: string | null): EvalOutcome {
  const loss = lossOf(submissionId);
  const set = { rows: [{ loss, tokens: 3 }], loss, tokenLoss: loss };
  return { status: "completed", output: { sets: { test: set }, durationMs: 1 }, durationMs: 1 };
}

/** Another worker on the same database. */
export const anotherWorker = (app: App, parts: Partial<App>): App => ({
  ...app,
  worker: { name: randomUUID(), devices: [] },
  ...parts,
});
