import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { heartbeat } from "../../src/core/app/miners/heartbeat.ts";
import { reportFailure } from "../../src/core/app/miners/report-failure.ts";
import { withdraw } from "../../src/core/app/miners/withdraw.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { aMiner } from "./a-miner.ts";
import { anAssignment } from "./an-assignment.ts";
import { failure, valueOf } from "./result.ts";

const test = withTestApp();

const wakes = async () =>
  (await test.app.store.find("outbox", { kind: "wake" })).map(({ payload }) => payload["taskId"]);

describe("a miner that gives up", () => {
  it("withdraws from a training, which rings for the task", async () => {
    const { miner, taskId, assignmentId } = await anAssignment(test.app);
    expect(valueOf(await withdraw(test.app, miner, { assignmentId }))).toMatchObject({ status: "WITHDRAWN" });
    expect(await test.app.store.findOne("assignments", { id: assignmentId })).toMatchObject({
      status: "WITHDRAWN",
      endedAt: test.clock.now(),
    });
    expect(await wakes()).toContain(taskId);
  });

  it("says why it failed", async () => {
    const { miner, assignmentId } = await anAssignment(test.app);
    const failed = valueOf(await reportFailure(test.app, miner, { assignmentId, message: "out of memory" }));
    expect(failed).toMatchObject({ status: "FAILED", failureMessage: "out of memory" });
  });

  it("is only released before the training starts", async () => {
    const at = await anAssignment(test.app, { status: "ACCEPTED", task: { status: "RECRUITING", deadline: null } });
    expect(valueOf(await withdraw(test.app, at.miner, at))).toMatchObject({ status: "RELEASED" });
    expect(await wakes()).toContain(at.taskId);
  });

  it("may say so twice, and can't give up what is over", async () => {
    const { miner, assignmentId } = await anAssignment(test.app);
    const first = valueOf(await withdraw(test.app, miner, { assignmentId }));
    expect(valueOf(await withdraw(test.app, miner, { assignmentId }))).toEqual(first);
    const sealed = await anAssignment(test.app, { status: "SEALED" });
    expect(await withdraw(test.app, sealed.miner, sealed)).toEqual(failure("ASSIGNMENT_NOT_ACTIVE"));
    expect(await reportFailure(test.app, miner, { assignmentId, message: "" })).toEqual(
      failure("ASSIGNMENT_NOT_ACTIVE"),
    );
  });

  it("touches nobody else's assignment, and is not told that it exists", async () => {
    const { assignmentId } = await anAssignment(test.app);
    const stranger = await aMiner(test.app);
    const hidden = await withdraw(test.app, stranger, { assignmentId });
    expect(hidden).toEqual(failure("NOT_FOUND"));
    expect(await withdraw(test.app, stranger, { assignmentId: randomUUID() })).toEqual(hidden);
    expect(await reportFailure(test.app, stranger, { assignmentId, message: "x" })).toEqual(hidden);
    expect(await heartbeat(test.app, stranger, { assignmentId })).toEqual(failure("NOT_FOUND"));
    expect(await test.app.store.findOne("assignments", { id: assignmentId })).toMatchObject({ status: "ACTIVE" });
  });
});

describe("a heartbeat", () => {
  const progress = { phase: "train", step: 3, steps: 10, loss: 2.5, etaSeconds: 7 };

  it("stores the progress of the own training and rings the task's topic", async () => {
    const { miner, taskId, assignmentId } = await anAssignment(test.app);
    const { at } = valueOf(await heartbeat(test.app, miner, { assignmentId, ...progress }));
    const assignment = await test.app.store.findOne("assignments", { id: assignmentId });
    expect(assignment?.progress).toEqual({ ...progress, at: at.toISOString() });
    const topics = await test.app.store.find("outbox", { kind: "topic" });
    expect(topics.map(({ topic }) => topic)).toContain(`task:${taskId}`);
  });

  it("counts as a sign of life even where the training is over", async () => {
    const { miner, assignmentId } = await anAssignment(test.app, { status: "SEALED" });
    test.clock.advance(1000);
    expect(await heartbeat(test.app, miner, { assignmentId })).toEqual(failure("ASSIGNMENT_NOT_ACTIVE"));
    const row = await test.app.store.findOne("miners", { id: miner.minerId });
    expect(row?.lastHeartbeatAt).toEqual(test.clock.now());
  });

  it.each([
    { loss: Number.NaN },
    { loss: Infinity },
    { step: -1 },
    { etaSeconds: -1 },
    { phase: "a\nb" },
    { phase: "x".repeat(61) },
  ])("refuses %j", async (wrong) => {
    const { miner, assignmentId } = await anAssignment(test.app);
    expect(await heartbeat(test.app, miner, { assignmentId, ...progress, ...wrong })).toEqual(failure("INVALID_INPUT"));
  });
});
