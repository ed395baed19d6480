import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { EvalOutcome, EvalSession, RunOptions, SessionNeeds } from "../../../src/core/contract/index.ts";
import { createTestHost, type TestHost } from "../../../src/core/contract/testing/test-host.ts";
import { dockerRunner } from "../../../src/eval-runners/docker/index.ts";
import { DAEMON, evaluatorImage } from "../a-daemon.ts";
import { inBase, needsWithPrograms } from "../a-program.ts";

const MiB = 1024 * 1024;
export const never = new AbortController().signal;
export const calmly = { timeoutMs: 60_000, signal: never };

/** Small limits, so that using them up takes no time. */
export const limits = {
  daemon: DAEMON,
  command: inBase("attacked-evaluator.mjs"),
  memory: 192 * MiB,
  pids: 64,
  temporary: { bytes: 8 * MiB, files: 256 },
  maxLineBytes: 4 * MiB,
  maxRequestBytes: 8 * MiB,
  maxLogBytes: 4 * MiB,
  logTailBytes: 1000,
};

/** A market's side of an attack: a session, and the evaluator in it that a submission takes over. */
export interface Attacked {
  readonly session: EvalSession;
  readonly host: TestHost;
  readonly needs: SessionNeeds;
  /** Evaluates a submission that attacks in this way. */
  readonly attack: (name: string, options?: object, run?: Partial<RunOptions>) => Promise<EvalOutcome>;
  /** What the attacking program saw; its evaluation was completed. */
  readonly saw: (name: string, options?: object) => Promise<unknown>;
}

/** A submission that attacks when it is evaluated. */
export async function attackingSubmission(host: TestHost, attack: string, options: object = {}) {
  const path = join(host.dataFolder, "submissions", attack);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "attack"), JSON.stringify({ attack, options }));
  return { id: attack, path, artifactKind: "LORA" as const };
}

/** Opens a session for attacks. Afterwards the same session must still evaluate, and no file or container may be left. */
export async function underAttack(work: (attacked: Attacked) => Promise<void>, options: object = {}): Promise<void> {
  await using host = await createTestHost();
  const image = await evaluatorImage();
  const live = dockerRunner.create(dockerRunner.options.parse({ ...limits, image, ...options }), host);
  const needs = await needsWithPrograms(host);
  await using session = await live.open(needs, never);
  const attack: Attacked["attack"] = async (name, attackOptions, run) =>
    session.run({ submission: await attackingSubmission(host, name, attackOptions) }, { ...calmly, ...run });
  await work({
    session,
    host,
    needs,
    attack,
    async saw(name, attackOptions) {
      const outcome = await attack(name, attackOptions);
      expect(outcome).toMatchObject({ status: "completed" });
      return outcome.status === "completed" ? outcome.output : null;
    },
  });
  expect(await session.run({ submission: null }, calmly)).toMatchObject({
    status: "completed",
    output: { loss: 1 },
  });
}
