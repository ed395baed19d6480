import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { cancelTask, type App } from "../../src/core/app/index.ts";
import { inspectSubmission } from "../../src/core/app/submissions/inspect-submission.ts";
import { sealSubmission } from "../../src/core/app/submissions/seal-submission.ts";
import { InfrastructureError } from "../../src/core/contract/index.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { aMiner } from "./a-miner.ts";
import { aCompleteUpload, aModel, open, type Files } from "./an-upload.ts";
import { anAssignment, type AtWork } from "./an-assignment.ts";
import { failure, valueOf } from "./result.ts";
import { tinyBases } from "./tiny-base.ts";

const test = withTestApp({ parts: { bases: tinyBases } });

interface Sealing {
  readonly uploadId: string;
  readonly final?: boolean;
  readonly idempotencyKey?: string;
  readonly artifactKind?: "FULL" | "LORA";
}

const seal = ({ miner }: Pick<AtWork, "miner">, sealing: Sealing, app: App = test.app) =>
  sealSubmission(app, miner, {
    idempotencyKey: randomUUID(),
    artifactKind: "FULL",
    final: false,
    strategy: "full",
    ...sealing,
  });

const outboxTopics = async (kind: "wake" | "topic") =>
  (await test.app.store.find("outbox", { kind })).map(({ topic, payload }) => `${topic} ${JSON.stringify(payload)}`);

describe("sealing", () => {
  it("makes a submission in the order of seals, leaves the assignment open and asks for an inspection", async () => {
    const at = await anAssignment(test.app);
    const first = valueOf(await seal(at, { uploadId: (await aCompleteUpload(test.app, at)).id }));
    const second = valueOf(await seal(at, { uploadId: (await aCompleteUpload(test.app, at)).id }));
    expect(first).toMatchObject({ ordinal: 1, final: false, staticVerdict: { status: "PENDING" }, facts: null });
    expect(second).toMatchObject({ ordinal: 2, taskId: at.taskId, minerId: at.miner.minerId, strategy: "full" });
    expect(second.sealSequence).toBeGreaterThan(first.sealSequence);
    expect(await test.app.store.findOne("assignments", { id: at.assignmentId })).toMatchObject({ status: "ACTIVE" });
    expect(await outboxTopics("wake")).toContain(`inspect ${JSON.stringify({ submissionId: first.id })}`);
  });

  it("as final ends the assignment and rings for the task", async () => {
    const at = await anAssignment(test.app);
    valueOf(await seal(at, { uploadId: (await aCompleteUpload(test.app, at)).id, final: true }));
    expect(await test.app.store.findOne("assignments", { id: at.assignmentId })).toMatchObject({
      status: "SEALED",
      endedAt: test.clock.now(),
    });
    expect(await outboxTopics("wake")).toContain(`advance ${JSON.stringify({ taskId: at.taskId })}`);
  });

  it("answers a retry with the same submission", async () => {
    const at = await anAssignment(test.app);
    const sealing = { uploadId: (await aCompleteUpload(test.app, at)).id, final: true, idempotencyKey: randomUUID() };
    const submission = valueOf(await seal(at, sealing));
    expect(valueOf(await seal(at, sealing))).toEqual(submission);
    expect(await seal(at, { ...sealing, final: false })).toEqual(failure("IDEMPOTENCY_CONFLICT"));
    expect(await test.app.store.count("submissions", { assignmentId: at.assignmentId })).toBe(1);
  });

  it("works once for each upload, also when two try at the same time", async () => {
    const at = await anAssignment(test.app);
    const { id: uploadId } = await aCompleteUpload(test.app, at);
    const results = await Promise.all([seal(at, { uploadId }), seal(at, { uploadId })]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toEqual(failure("UPLOAD_ALREADY_SEALED"));
    expect(await seal(at, { uploadId })).toEqual(failure("UPLOAD_ALREADY_SEALED"));
  });

  it("is over after a final one", async () => {
    const at = await anAssignment(test.app);
    const [last, more] = [await aCompleteUpload(test.app, at), await aCompleteUpload(test.app, at)];
    valueOf(await seal(at, { uploadId: last.id, final: true }));
    expect(await seal(at, { uploadId: more.id })).toEqual(failure("SEALED_FINAL"));
    expect(await open(test.app, at)).toEqual(failure("SEALED_FINAL"));
  });

  it("is possible five times at most", async () => {
    const at = await anAssignment(test.app);
    for (let count = 0; count < 5; count += 1) {
      valueOf(await seal(at, { uploadId: (await aCompleteUpload(test.app, at)).id }));
    }
    expect(await open(test.app, at)).toEqual(failure("TOO_MANY_SEALS"));
  });

  it("is refused at the deadline, by the server's clock, and changes nothing", async () => {
    const at = await anAssignment(test.app);
    const upload = await aCompleteUpload(test.app, at);
    test.clock.advance(60_000);
    expect(await seal(at, { uploadId: upload.id })).toEqual(failure("DEADLINE_PASSED"));
    expect(await test.app.store.findOne("uploads", { id: upload.id })).toMatchObject({ status: "COMPLETE" });
  });

  it("is refused when the training was closed, and when the task was cancelled", async () => {
    const [closed, cancelled] = [await anAssignment(test.app), await anAssignment(test.app)];
    const uploads = [await aCompleteUpload(test.app, closed), await aCompleteUpload(test.app, cancelled)];
    await test.app.store.transaction((tx) => tx.update("tasks", { id: closed.taskId }, { status: "EVALUATING" }));
    const operator = { kind: "OPERATOR", accountId: randomUUID(), scopes: ["operator"] } as const;
    valueOf(await cancelTask(test.app, operator, { taskId: cancelled.taskId }));
    expect(await seal(closed, { uploadId: uploads[0]?.id ?? "" })).toEqual(failure("DEADLINE_PASSED"));
    expect(await seal(cancelled, { uploadId: uploads[1]?.id ?? "" })).toEqual(failure("ASSIGNMENT_NOT_ACTIVE"));
  });

  it("needs a complete upload of one's own", async () => {
    const at = await anAssignment(test.app);
    const { id: uploadId } = valueOf(await open(test.app, at));
    expect(await seal(at, { uploadId })).toEqual(failure("UPLOAD_INCOMPLETE"));
    const stranger = { miner: await aMiner(test.app) };
    expect(await seal(stranger, { uploadId })).toEqual(failure("NOT_FOUND"));
    expect(await seal(stranger, { uploadId })).toEqual(await seal(stranger, { uploadId: randomUUID() }));
  });

  it("is refused for a kind of artefact that the task type does not take", async () => {
    const at = await anAssignment(test.app);
    const { id: uploadId } = await aCompleteUpload(test.app, at);
    const { registry } = test.app;
    const taskType = (kind: string) => {
      const known = registry.taskType(kind);
      return known && { ...known, artifactKinds: ["LORA" as const] };
    };
    const adaptersOnly = { ...test.app, registry: { ...registry, taskType } };
    expect(await seal(at, { uploadId }, adaptersOnly)).toEqual(failure("ARTIFACT_KIND_REFUSED"));
  });
});

describe("the inspection of a sealed submission", () => {
  const sealed = async (files?: Files) => {
    const at = await anAssignment(test.app);
    const upload = await aCompleteUpload(test.app, at, files);
    return { at, submission: valueOf(await seal(at, { uploadId: upload.id })) };
  };

  it("stores a verdict and facts once, however many ask", async () => {
    const { at, submission } = await sealed();
    const results = await Promise.all([1, 2, 3].map(() => inspectSubmission(test.app, submission.id)));
    const stored = await test.app.store.findOne("submissions", { id: submission.id });
    expect(stored).toMatchObject({ staticVerdict: { status: "VALID" }, facts: { equalsBase: false } });
    for (const result of results) expect(result).toEqual(stored);
    const events = await test.app.store.find(
      "minerEvents",
      { minerId: at.miner.minerId },
      { orderBy: { sequence: "asc" } },
    );
    const verdicts = events.map(({ type, payload }) => [type, payload["submissionId"], payload["staticVerdict"]]);
    expect(verdicts).toEqual([
      ["SubmissionSealed", submission.id, { status: "PENDING", code: null, message: null }],
      ["SubmissionSealed", submission.id, { status: "VALID", code: null, message: null }],
    ]);
  });

  it("knows the untouched base", async () => {
    const { submission } = await sealed(aModel(0));
    const inspected = await inspectSubmission(test.app, submission.id);
    expect(inspected).toMatchObject({ staticVerdict: { status: "VALID" }, facts: { equalsBase: true } });
  });

  it("calls a file that is no safetensors malformed", async () => {
    const { submission } = await sealed({
      ...aModel(),
      "model.safetensors": Buffer.from("\x80\x04 a pickle in disguise"),
    });
    const inspected = await inspectSubmission(test.app, submission.id);
    expect(inspected).toMatchObject({ staticVerdict: { status: "INVALID", code: "MALFORMED_MODEL" }, facts: null });
  });

  it("blames the platform where the base or a file is missing, and can be repeated", async () => {
    const { submission } = await sealed();
    const noBase = { ...test.app, bases: { ...tinyBases, find: async () => null } };
    await expect(inspectSubmission(noBase, submission.id)).rejects.toThrow(InfrastructureError);
    const noFiles = { ...test.app, artifacts: { ...test.app.artifacts, open: async () => null } };
    await expect(inspectSubmission(noFiles, submission.id)).rejects.toThrow(InfrastructureError);
    expect((await inspectSubmission(test.app, submission.id)).staticVerdict.status).toBe("VALID");
  });
});
