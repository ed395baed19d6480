import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { advanceTask, publishMissingWeights, retryEvaluation, type App } from "../../src/core/app/index.ts";
import { finishEvaluation } from "../../src/core/app/evaluation/finish-evaluation.ts";
import { publishWeights } from "../../src/core/app/weights/publish-weights.ts";
import {
  defineTaskRule,
  InfrastructureError,
  type Finding,
  type JudgedField,
  type LiveEvalRunner,
} from "../../src/core/contract/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { computeWeightSet, type ScoredResult } from "../../src/core/domain/index.ts";
import { localRunner } from "../../src/eval-runners/local/index.ts";
import { templateSynthesizer } from "../../src/plugins/template-synthesizer/index.ts";
import { anEvaluation } from "../api/rows.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { failure, valueOf } from "../intake/result.ts";
import { reportFailure } from "../../src/core/app/miners/report-failure.ts";
import { aCustomer, anOperator, letBackOffsPass, postTask, shippedBases, someMiners, taskNow } from "./a-market.ts";
import { aSealedField } from "./a-sealed-field.ts";
import { scaledModel, sealModel, startTraining } from "./a-trained-field.ts";

const host = await createTestHost();
const runner = localRunner.create(localRunner.options.parse({}), host);
const synthesizer = templateSynthesizer.create(templateSynthesizer.options.parse({}), host);
afterAll(() => host[Symbol.asyncDispose]());

const world = (parts: Partial<App> = {}) =>
  createTestApp({
    parts: {
      bases: shippedBases,
      synthesizer,
      evalRunner: runner,
      settings: {
        ...TEST_SETTINGS,
        recruiting: { ...TEST_SETTINGS.recruiting, pool: { min: 5, max: 5 } },
        uploads: { ...TEST_SETTINGS.uploads, maxBytes: 10_000_000 },
        dataset: { ...TEST_SETTINGS.dataset, minRows: 10 },
      },
      ...parts,
    },
  });

/** Counts how often a base model was loaded, and fails when it is told to. */
function countingRunner(failures: () => boolean): LiveEvalRunner & { readonly opened: () => number } {
  let opened = 0;
  return {
    opened: () => opened,
    async open(needs, signal) {
      opened += 1;
      const session = await runner.open(needs, signal);
      return {
        record: session.record,
        [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
        run: (request, options) => {
          if (failures()) throw new InfrastructureError("GPU_GONE", "the device is gone");
          return session.run(request, options);
        },
      };
    },
  };
}

describe("evaluating", () => {
  it("measures, judges and scores a field once, and publishes one weight set that can be recomputed", async () => {
    await using test = await world();
    const { app } = test;
    const [good, other, copier, untouched, silent] = await someMiners(app, 5);
    if (!good || !other || !copier || !untouched || !silent) throw new Error("expected five miners");
    const { id } = await postTask(app);
    await startTraining(app, id, [good, other, copier, untouched, silent]);
    const model = await scaledModel(0.7);
    await sealModel(app, id, good, model, "cooler");
    await sealModel(app, id, other, await scaledModel(1.2), "hotter");
    await sealModel(app, id, copier, model, "copy");
    await sealModel(app, id, untouched, await scaledModel(1), "nothing");
    valueOf(
      await reportFailure(app, silent, {
        assignmentId: (await app.store.findOne("assignments", { taskId: id, minerId: silent.minerId }))?.id ?? "",
        message: "out of memory",
      }),
    );

    await Promise.all([advanceTask(app, id), advanceTask(app, id)]);
    await advanceTask(app, id);

    expect(await taskNow(app, id)).toMatchObject({ status: "SCORED", taskWeight: 1 });
    const score = async (miner: { readonly minerId: string }) =>
      app.store.findOne("scores", { taskId: id, minerId: miner.minerId });
    expect(await score(copier)).toMatchObject({
      rank: null,
      taskScore: -1,
      reason: "DISQUALIFIED",
      explanation: "disqualified: DUPLICATE",
    });
    expect(await score(untouched)).toMatchObject({
      rank: null,
      taskScore: -1,
      reason: "DISQUALIFIED",
      explanation: "disqualified: NOT_FINETUNED",
    });
    expect(await score(silent)).toMatchObject({
      rank: null,
      taskScore: -1,
      reason: "INVALID",
      explanation: "no valid submission: reported as failed",
    });
    const told = await app.store.find("taskEvents", { taskId: id });
    expect(JSON.stringify(told), "everybody may read the history of a scored task").not.toContain("out of memory");
    const losses = new Map(
      (await app.store.find("evaluations", { taskId: id })).map((one) => [
        one.submissionId,
        one.weightedLoss ?? Number.NaN,
      ]),
    );
    expect(losses.size).toBe(5);
    const [first, second] = [await score(good), await score(other)].sort((a, b) => (a?.rank ?? 0) - (b?.rank ?? 0));
    expect(losses.get(first?.submissionId ?? "")).toBeLessThan(losses.get(second?.submissionId ?? "") ?? 0);
    const beaten = (losses.get(first?.submissionId ?? "") ?? 0) < (losses.get(null) ?? 0);
    expect(first).toMatchObject({ rank: 1, taskScore: beaten ? 3 : 0 });

    await publishWeights(app, id);
    await publishMissingWeights(app);
    const sets = await app.store.find("weightSets", {});
    expect(sets).toHaveLength(1);
    const recomputed = computeWeightSet(sets[0]?.inputs as unknown as ScoredResult[]);
    expect(sets[0]?.entries.map(({ hotkey, integer }) => [hotkey, integer])).toEqual(
      Object.entries(recomputed.integerWeights).sort(),
    );
    const events = await app.store.find("minerEvents", { minerId: good.minerId }, { orderBy: { sequence: "asc" } });
    expect(events.map(({ type }) => type)).toEqual([
      "OfferMade",
      "Assigned",
      "SubmissionSealed",
      "SubmissionSealed",
      "TaskScored",
      "WeightSetPublished",
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("goes on where it stopped when its infrastructure failed, and loads the base once for each session", async () => {
    let calls = 0;
    const flaky = countingRunner(() => (calls += 1) === 2);
    await using test = await world({ evalRunner: flaky });
    const { app } = test;
    const miners = await someMiners(app, 2);
    const { id } = await postTask(app);
    await startTraining(app, id, miners);
    for (const [index, miner] of miners.entries())
      await sealModel(app, id, miner, await scaledModel(0.8 + index / 10), `miner ${index}`);
    await advanceTask(app, id);
    await letBackOffsPass(test, app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "SCORED" });
    expect(flaky.opened()).toBe(2);
    const evaluations = await app.store.find("evaluations", { taskId: id });
    expect(evaluations.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it("blocks after three infrastructure failures, charges nobody, and finishes when the operator retries", async () => {
    let broken = true;
    await using test = await world({ evalRunner: countingRunner(() => broken) });
    const { app } = test;
    const [miner] = await someMiners(app, 1);
    if (!miner) throw new Error("expected a miner");
    const { id } = await postTask(app);
    await startTraining(app, id, [miner]);
    await sealModel(app, id, miner, await scaledModel(0.8), "one");
    await advanceTask(app, id);
    await letBackOffsPass(test, app, id);
    expect(await taskNow(app, id)).toMatchObject({
      status: "EVALUATING",
      blocked: { code: "GPU_GONE" },
      infrastructureFailures: 3,
    });
    expect(await app.store.find("notices", { taskId: id })).toMatchObject([{ code: "GPU_GONE" }]);
    expect(await app.store.count("scores", { taskId: id })).toBe(0);
    broken = false;
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "EVALUATING" });
    expect(await retryEvaluation(app, await aCustomer(app), { taskId: id })).toEqual(failure("FORBIDDEN"));
    valueOf(await retryEvaluation(app, anOperator, { taskId: id }));
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ status: "SCORED", blocked: null });
  });

  it("fails a task without a valid submission, keeps the reasons and scores everybody 0", async () => {
    await using test = await world();
    const { app, clock } = test;
    const [untouched, silent] = await someMiners(app, 2);
    if (!untouched || !silent) throw new Error("expected two miners");
    const { id } = await postTask(app);
    await startTraining(app, id, [untouched, silent]);
    await sealModel(app, id, untouched, await scaledModel(1), "nothing");
    clock.advance(600_000);
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({
      status: "FAILED",
      failure: { code: "NO_VALID_SUBMISSION", stage: "EVALUATING" },
    });
    const scores = await app.store.find("scores", { taskId: id });
    expect(scores.map(({ taskScore }) => taskScore)).toEqual([0, 0]);
    expect(scores.map(({ explanation }) => explanation).sort()).toEqual([
      "disqualified: NOT_FINETUNED",
      "no valid submission: nothing was sealed before the deadline",
    ]);
    expect((await app.store.averageScores(new Date(0))).size).toBe(0);
    await publishMissingWeights(app);
    expect(await app.store.count("weightSets", {})).toBe(0);
  });

  /** A field of four whose evaluations are in, judged by this rule alone. */
  async function judgedBy(judge: (field: JudgedField) => readonly Finding[]) {
    const rule = defineTaskRule({
      name: "of-a-test",
      source: "a test",
      description: "Judges as the test says.",
      options: z.strictObject({}),
      judge: (field) => ({ findings: judge(field), notices: [] }),
    });
    const test = await createTestApp({ parts: { rules: [{ rule, options: {} }] } });
    const { task, submissions } = await aSealedField(test.app, 4);
    await test.app.store.transaction((tx) =>
      tx.insertMany("evaluations", [
        anEvaluation(9, { taskId: task.id, submissionId: null }),
        ...submissions.map(({ id }, index) => anEvaluation(1 + index, { taskId: task.id, submissionId: id })),
      ]),
    );
    await finishEvaluation(test.app, task.id);
    return { ...test, task: await taskNow(test.app, task.id), submissions };
  }
  const flag = (submission: string, evidence: Finding["evidence"] = {}): Finding => ({
    submission,
    verdict: "FLAG",
    code: "ANY",
    evidence,
  });

  it("scores everybody 0 where all are flagged and nobody can be ranked", async () => {
    await using judged = await judgedBy(({ submissions }) => submissions.map(({ id }) => flag(id)));
    const { app, task, submissions } = judged;
    expect(task).toMatchObject({ failure: { code: "NO_VALID_SUBMISSION" } });
    expect(await app.store.find("scores", { taskId: task.id })).toMatchObject(
      submissions.map(() => ({ rank: null, taskScore: 0, adjustedScore: 0, reason: "FLAGGED" })),
    );
  });

  it("keeps everything that a rule finds about a submission, also under one code", async () => {
    await using judged = await judgedBy(({ submissions }) =>
      submissions.slice(0, 1).flatMap(({ id }) => [flag(id, { like: "one" }), flag(id, { like: "another" })]),
    );
    const { app, task } = judged;
    expect(task).toMatchObject({ status: "SCORED" });
    expect(await app.store.count("findings", { taskId: task.id })).toBe(2);
  });

  it.each([
    ["throws", (): never => expect.fail("no luck"), "the rule of-a-test failed: no luck"],
    [
      "speaks of others",
      () => [flag("somebody")],
      "the rule of-a-test failed: it names somebody, whom it was not asked about",
    ],
  ])("names a rule that %s, and charges nobody", async (_what, judge, message) => {
    await using judged = await judgedBy(judge);
    expect(judged.task).toMatchObject({ status: "EVALUATING", infrastructureFailures: 1 });
    const [failed] = await judged.app.store.find("taskEvents", {
      taskId: judged.task.id,
      type: "infrastructureFailed",
    });
    expect(failed?.data).toMatchObject({ code: "RULE_FAILED", message });
  });
});
