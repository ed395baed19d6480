import { ARTIFACT_KINDS, ok, type ArtifactKind } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { ownAssignment } from "../miners/own-miner.ts";
import type { Tx } from "../ports.ts";
import type { Principal } from "../principal.ts";
import type { AssignmentRecord, ModelSource, TaskRecord, UploadRecord } from "../records.ts";
import { modelFilesProblem } from "../uploads/model-files-problem.ts";
import { checkSealable } from "./check-sealable.ts";

/** What may be sealed now, locked with its task: an upload, or a source. */
export interface Sealable {
  readonly task: TaskRecord;
  readonly assignment: AssignmentRecord;
  readonly ordinal: number;
  readonly upload: UploadRecord | null;
  readonly source: ModelSource | null;
}

/** A complete upload of one's own that was not sealed yet. */
export async function sealableUpload(
  app: App,
  tx: Tx,
  principal: Principal,
  body: { readonly uploadId: string; readonly artifactKind: ArtifactKind },
): Promise<AppResult<Sealable>> {
  const path = ["input", "uploadId"];
  const seen = await tx.findOne("uploads", { id: body.uploadId });
  const own = seen && (await ownAssignment(tx, principal, seen.assignmentId));
  const upload = own?.ok ? await tx.findOne("uploads", { id: body.uploadId }, { lock: "update" }) : null;
  if (!own?.ok || upload === null) return fail("NOT_FOUND", "expected the id of one of your uploads, found none", path);
  if (upload.status === "SEALED") {
    return fail("UPLOAD_ALREADY_SEALED", "this upload was sealed already: another seal takes another upload", path);
  }
  const ordinal = await checkSealable(app, tx, own.value, path);
  if (!ordinal.ok) return ordinal;
  if (upload.status === "OPEN") {
    return fail("UPLOAD_INCOMPLETE", "expected a complete upload, found it open: call completeUpload first", path);
  }
  if (upload.status !== "COMPLETE") {
    return fail("UPLOAD_NOT_OPEN", "expected a complete upload, found it expired: upload the model again", path);
  }
  const kind = acceptedKind(app, own.value.task, body.artifactKind);
  return kind.ok ? ok({ ...own.value, ordinal: ordinal.value, upload, source: null }) : kind;
}

/** A source that may be fetched, for an assignment of one's own. */
export async function sealableSource(
  app: App,
  tx: Tx,
  principal: Principal,
  body: { readonly assignmentId: string; readonly source: ModelSource; readonly artifactKind: ArtifactKind },
): Promise<AppResult<Sealable>> {
  const own = await ownAssignment(tx, principal, body.assignmentId);
  if (!own.ok) return own;
  const ordinal = await checkSealable(app, tx, own.value, ["input", "assignmentId"]);
  if (!ordinal.ok) return ordinal;
  const { source } = body;
  const path = ["input", "source"];
  const announced = source.kind === "S3" ? modelFilesProblem(app.settings.uploads, source.files) : null;
  if (announced) return fail(announced.code, announced.message, [...path, "s3", "files"]);
  const refusal = app.sources.refusal(source);
  if (refusal !== null) return fail("SOURCE_NOT_ALLOWED", refusal, path);
  const kind = acceptedKind(app, own.value.task, body.artifactKind);
  return kind.ok ? ok({ ...own.value, ordinal: ordinal.value, upload: null, source }) : kind;
}

function acceptedKind(app: App, task: TaskRecord, kind: ArtifactKind): AppResult<true> {
  // A plugin that is gone is not the miner's fault: the evaluation waits until it is back.
  const accepted = app.registry.taskType(task.kind)?.artifactKinds ?? ARTIFACT_KINDS;
  if (accepted.includes(kind)) return ok(true);
  const message = `expected one of ${accepted.join(", ")} for a task of type ${task.kind}, found ${kind}`;
  return fail("ARTIFACT_KIND_REFUSED", message, ["input", "artifactKind"]);
}
