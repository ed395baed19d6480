import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { advanceTask, createTask, type App } from "../../src/core/app/index.ts";
import { InfrastructureError } from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { failure } from "../intake/result.ts";
import { aCustomer, aTaskInput, postTask, shippedBases, someMiners, taskNow } from "./a-market.ts";
import { scaledModel, sealModel, startTraining } from "./a-trained-field.ts";

const host = await createTestHost();
afterAll(() => host[Symbol.asyncDispose]());
const trusting = localRunner.create(localRunner.options.parse({ allowCode: true }), host);
const strict = localRunner.create(localRunner.options.parse({}), host);

const world = ({
  allowCode = true,
  evalRunner = trusting,
}: { allowCode?: boolean; evalRunner?: App["evalRunner"] } = {}) =>
  createTestApp({
    parts: {
      bases: shippedBases,
      evalRunner,
      settings: {
        ...TEST_SETTINGS,
        evaluation: { ...TEST_SETTINGS.evaluation, allowCode },
        uploads: { ...TEST_SETTINGS.uploads, maxBytes: 10_000_000 },
      },
    },
  });

/** A task of prompts that are rewarded by this code. */
const rewardedBy = (source: string) => ({
  kind: "grpo",
  idempotencyKey: randomUUID(),
  dataset: { rows: Array.from({ length: 30 }, (_, index) => ({ prompt: `${index}+1=`, answer: String(index + 1) })) },
  spec: { maxNewTokens: 4, rewards: [{ id: "own-reward", source, range: { min: 0, max: 1 } }] },
});
const sound = "const reward = ({ completions }) => completions.map((text) => (/^[0-9]/.test(text) ? 1 : 0));";

describe("a task that brings code along", () => {
  it("is refused unless the operator allows such tasks", async () => {
    await using test = await world({ allowCode: false });
    const refused = await createTask(test.app, await aCustomer(test.app), aTaskInput(rewardedBy(sound)));
    expect(refused).toEqual(failure("CODE_NOT_ALLOWED"));
  });

  it("fails at preparation where the runner has no containers and does not trust the sandbox", async () => {
    await using test = await world({ evalRunner: strict });
    const { id } = await postTask(test.app, rewardedBy(sound));
    await advanceTask(test.app, id);
    const message = expect.stringMatching(/isolation "container"/);
    expect(await taskNow(test.app, id)).toMatchObject({
      status: "FAILED",
      failure: { code: "PREPARATION_FAILED", message },
    });
  });

  it("waits, unharmed, for a worker that can run evaluators, and is prepared by it", async () => {
    const notHere = async () => {
      throw new InfrastructureError("DOCKER_UNREACHABLE", "there is no Docker daemon");
    };
    await using test = await world({ evalRunner: { ...trusting, ready: notHere } });
    const { id } = await postTask(test.app, rewardedBy(sound));
    await advanceTask(test.app, id);
    expect(await taskNow(test.app, id)).toMatchObject({ status: "QUEUED", blocked: null, dueAt: null });
    await advanceTask({ ...test.app, evalRunner: trusting }, id);
    expect(["QUEUED", "PREPARING", "FAILED"]).not.toContain((await taskNow(test.app, id)).status);
  });

  it("fails at preparation where its code fails on made-up completions, before any miner hears of it", async () => {
    await using test = await world();
    await someMiners(test.app, 2, ["grpo"]);
    const { id } = await postTask(test.app, rewardedBy(`function reward({ row }) { throw new Error(row.prompt) }`));
    await advanceTask(test.app, id);
    const message = expect.stringMatching(
      /^REWARD_THREW: The reward function own-reward \(version 1\) threw Error: \d+\+1=/,
    );
    expect(await taskNow(test.app, id)).toMatchObject({
      status: "FAILED",
      failure: { code: "PREPARATION_FAILED", stage: "PREPARING", message },
      infrastructureFailures: 0,
    });
    expect(await test.app.store.find("offers", { taskId: id })).toEqual([]);
  });

  it("is scored where its code is sound, by minus the score", async () => {
    await using test = await world();
    const { app } = test;
    const miners = await someMiners(app, 2, ["grpo"]);
    const { id } = await postTask(app, rewardedBy(sound));
    await startTraining(app, id, miners);
    for (const [index, miner] of miners.entries())
      await sealModel(app, id, miner, await scaledModel(0.6 + index), "scaled");
    await advanceTask(app, id);
    const base = await app.store.findOne("evaluations", { taskId: id, submissionId: null });
    expect(base).toMatchObject({ status: "COMPLETED", losses: { metrics: { testKl: 0 } } });
    const evaluations = await app.store.find("evaluations", { taskId: id });
    for (const { losses } of evaluations) {
      const { testReward = NaN, testKl = NaN } = losses?.metrics ?? {};
      expect(losses?.testLoss).toBeCloseTo(0.04 * testKl - testReward, 9);
    }
    expect(await taskNow(app, id)).toMatchObject({ status: "SCORED" });
  });

  it("fails as a whole where its code fails on a model's completions, and no miner is charged", async () => {
    await using test = await world();
    const { app } = test;
    const miners = await someMiners(app, 2, ["grpo"]);
    // Made-up completions come in another number than sampled ones.
    const source = `const reward = ({ completions }) => completions.length === 2 ? [] : completions.map(() => 1);`;
    const { id } = await postTask(app, rewardedBy(source));
    await startTraining(app, id, miners);
    for (const miner of miners) await sealModel(app, id, miner, await scaledModel(0.8), "scaled");
    await advanceTask(app, id);
    const message = expect.stringMatching(/^REWARD_WRONG_LENGTH: .* returned 0 numbers, expected 2/);
    expect(await taskNow(app, id)).toMatchObject({
      status: "FAILED",
      failure: { code: "EVALUATION_FAILED", stage: "EVALUATING", message },
      blocked: null,
      infrastructureFailures: 0,
    });
    expect(await app.store.find("scores", { taskId: id })).toEqual([]);
  });
});
