import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { EvalRunner, EvalSession, Losses } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
import { writeEmbeddedWorld } from "./embedded-world.ts";

const never = new AbortController().signal;
const spec = instruct.spec.parse({});

async function withSession(
  runner: EvalRunner,
  work: (session: EvalSession, folder: string) => Promise<void>,
): Promise<void> {
  await using host = await createTestHost();
  const folder = host.dataFolder;
  writeEmbeddedWorld(folder);
  const needs = {
    taskId: "task",
    basePath: join(folder, "base"),
    sets: { test: join(folder, "test.jsonl"), synth: join(folder, "synth.jsonl") },
    objective: instruct.objective(spec, {
      taskId: "task",
      parameterCount: 10_000,
      rows: 300,
      contextLength: 48,
      baseConfig: {},
    }),
    contextLength: 48,
    seed: "00",
    carriesCode: false,
    device: null,
  };
  await using session = await runner.create(runner.options.parse({}), host).open(needs, never);
  await work(session, folder);
}

async function lossesOf(
  session: EvalSession,
  submission: Parameters<EvalSession["run"]>[0]["submission"],
): Promise<Losses> {
  const outcome = await session.run({ submission }, { timeoutMs: 30_000, signal: never });
  if (outcome.status === "failed") throw new Error(`${outcome.code}: ${outcome.message}`);
  return instruct.losses(instruct.evalOutput.parse(outcome.output), spec);
}

describe("an instruct task on the local runner with the embedded evaluator", () => {
  it("computes the losses of the base, an adapter and a whole model", () =>
    withSession(localRunner, async (session, folder) => {
      const base = await lossesOf(session, null);
      const lora = await lossesOf(session, { id: "1", path: join(folder, "lora"), artifactKind: "LORA" });
      const full = await lossesOf(session, { id: "2", path: join(folder, "full"), artifactKind: "FULL" });
      const losses = [base, lora, full].map(({ testLoss }) => testLoss);
      // A random model over 260 tokens knows nothing: ln 260 nats a token.
      for (const loss of losses) expect(Math.abs(loss - Math.log(260))).toBeLessThan(0.5);
      expect(new Set(losses).size).toBe(3);
      expect(base.rowLosses.test).toHaveLength(3);
      expect(base.rowLosses.synth).toHaveLength(2);
      expect(session.record).toMatchObject({ runner: "local", evaluator: "embedded", image: null });
    }));

  it("blames a model that is not one and goes on", () =>
    withSession(localRunner, async (session, folder) => {
      const notAModel = { id: "1", path: join(folder, "base"), artifactKind: "LORA" } as const;
      const outcome = await session.run({ submission: notAModel }, { timeoutMs: 30_000, signal: never });
      expect(outcome).toMatchObject({ status: "failed", cause: "submission", code: "MALFORMED_MODEL" });
      expect(await lossesOf(session, null)).toMatchObject({ testLoss: expect.any(Number) });
    }));

  it("computes the same from the build as from the source", async () => {
    const built: { readonly localRunner: EvalRunner } = await import(
      new URL("../../dist/src/eval-runners/local/index.js", import.meta.url).href
    );
    const found: Losses[] = [];
    for (const runner of [localRunner, built.localRunner]) {
      await withSession(runner, async (session) => void found.push(await lossesOf(session, null)));
    }
    expect(found[1]).toEqual(found[0]);
  });
});
