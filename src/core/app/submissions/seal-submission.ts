import { z } from "zod";
import { ARTIFACT_KINDS, ok, type ArtifactKind } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { ringHooks } from "../hooks.ts";
import { withIdempotency } from "../idempotency.ts";
import { id, idempotencyKey, line } from "../input-schemas.ts";
import { ownAssignment, ownMiner } from "../miners/own-miner.ts";
import { parseInput } from "../parse-input.ts";
import type { Tx } from "../ports.ts";
import { principalName, type Principal } from "../principal.ts";
import type { SubmissionRecord, TaskRecord, UploadRecord } from "../records.ts";
import { recordEvent } from "../tasks/transition.ts";
import { checkSealable } from "./check-sealable.ts";
import { tellSealed } from "./sealed-event.ts";

const schema = z.object({
  idempotencyKey,
  uploadId: id,
  artifactKind: z.enum(ARTIFACT_KINDS),
  final: z.boolean(),
  strategy: line(80).nullish().default(null),
});

const PATH = ["input", "uploadId"];

/**
 * Hands a complete upload in. Each upload seals once, an assignment at most `settings.uploads.maxPerAssignment` times;
 * the last seal before the deadline (by the server's clock) counts, and after `final` there is none.
 */
export async function sealSubmission(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<SubmissionRecord>> {
  const miner = await ownMiner(app.store, principal);
  if (!miner.ok) return miner;
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { idempotencyKey: key, ...body } = parsed.value;
  const call = { mutation: "sealSubmission", key, body, table: "submissions" } as const;
  return withIdempotency(app, principal, call, async (tx, id) => {
    const sealable = await sealableUpload(app, tx, principal, body);
    if (!sealable.ok) return sealable;
    const { upload, task, ordinal } = sealable.value;
    const { artifactKind, final, strategy } = body;
    const sealedAt = app.clock.now();
    const submission = await tx.insert("submissions", {
      id,
      taskId: task.id,
      assignmentId: upload.assignmentId,
      minerId: upload.minerId,
      uploadId: upload.id,
      ordinal,
      final,
      artifactKind,
      files: upload.files,
      strategy,
      sealedAt,
      staticVerdict: { status: "PENDING", code: null, message: null },
      facts: null,
    });
    await tx.update("uploads", { id: upload.id }, { status: "SEALED" });
    if (final) await tx.update("assignments", { id: upload.assignmentId }, { status: "SEALED", endedAt: sealedAt });
    const data = { submissionId: id, assignmentId: upload.assignmentId, ordinal, final };
    await recordEvent(app, tx, task.id, "submissionSealed", { actor: principalName(principal), data });
    await tellSealed(app, tx, submission);
    await tx.ring("wake", "inspect", { submissionId: id });
    await ringHooks(app, tx, "submissionSealed", { taskId: task.id, submissionId: id });
    if (final) await tx.ring("wake", "advance", { taskId: task.id });
    return ok(submission);
  });
}

interface Sealable {
  readonly upload: UploadRecord;
  readonly task: TaskRecord;
  readonly ordinal: number;
}

async function sealableUpload(
  app: App,
  tx: Tx,
  principal: Principal,
  body: { readonly uploadId: string; readonly artifactKind: ArtifactKind },
): Promise<AppResult<Sealable>> {
  const seen = await tx.findOne("uploads", { id: body.uploadId });
  const own = seen && (await ownAssignment(tx, principal, seen.assignmentId));
  const upload = own?.ok ? await tx.findOne("uploads", { id: body.uploadId }, { lock: "update" }) : null;
  if (!own?.ok || upload === null) return fail("NOT_FOUND", "expected the id of one of your uploads, found none", PATH);
  const { task } = own.value;
  if (upload.status === "SEALED") {
    return fail("UPLOAD_ALREADY_SEALED", "this upload was sealed already: another seal takes another upload", PATH);
  }
  const ordinal = await checkSealable(app, tx, own.value, PATH);
  if (!ordinal.ok) return ordinal;
  if (upload.status === "OPEN") {
    return fail("UPLOAD_INCOMPLETE", "expected a complete upload, found it open: call completeUpload first", PATH);
  }
  if (upload.status !== "COMPLETE") {
    return fail("UPLOAD_NOT_OPEN", "expected a complete upload, found it expired: upload the model again", PATH);
  }
  // A plugin that is gone is not the miner's fault: the evaluation waits until it is back.
  const accepted = app.registry.taskType(task.kind)?.artifactKinds ?? ARTIFACT_KINDS;
  if (accepted.includes(body.artifactKind)) return ok({ upload, task, ordinal: ordinal.value });
  const message = `expected one of ${accepted.join(", ")} for a task of type ${task.kind}, found ${body.artifactKind}`;
  return fail("ARTIFACT_KIND_REFUSED", message, ["input", "artifactKind"]);
}
