import { z } from "zod";
import { ARTIFACT_KINDS, ok, type ArtifactKind } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { ringHooks } from "../hooks.ts";
import { withIdempotency } from "../idempotency.ts";
import { id, idempotencyKey, line } from "../input-schemas.ts";
import { ownMiner } from "../miners/own-miner.ts";
import { parseInput } from "../parse-input.ts";
import type { Tx } from "../ports.ts";
import { principalName, type Principal } from "../principal.ts";
import type { SubmissionRecord } from "../records.ts";
import { nameOf, sourceInput, toSource } from "../sources/source-input.ts";
import { recordEvent } from "../tasks/transition.ts";
import { sealableSource, sealableUpload, type Sealable } from "./sealable.ts";
import { tellSealed } from "./sealed-event.ts";
import { PENDING } from "./static-verdict.ts";

const schema = z.object({
  idempotencyKey,
  uploadId: id.nullish().default(null),
  assignmentId: id.nullish().default(null),
  source: sourceInput.nullish().default(null),
  artifactKind: z.enum(ARTIFACT_KINDS),
  final: z.boolean(),
  strategy: line(80).nullish().default(null),
});

/**
 * Hands a model in: a complete upload, or a source that is fixed by its digests and fetched after. Each upload seals once,
 * an assignment at most `settings.uploads.maxPerAssignment` times; the last seal before the deadline (by the server's
 * clock) counts, whenever its bytes arrive, and after `final` there is none.
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
    const sealable = await whatIsSealed(app, tx, principal, body);
    if (!sealable.ok) return sealable;
    const { artifactKind, final, strategy } = body;
    return ok(await seal(app, tx, principal, sealable.value, { id, artifactKind, final, strategy }));
  });
}

/** Exactly one of the two: an upload, or a source for an assignment. */
function whatIsSealed(
  app: App,
  tx: Tx,
  principal: Principal,
  { uploadId, assignmentId, source, artifactKind }: Omit<z.output<typeof schema>, "idempotencyKey">,
): Promise<AppResult<Sealable>> {
  if (uploadId !== null && assignmentId === null && source === null)
    return sealableUpload(app, tx, principal, { uploadId, artifactKind });
  if (uploadId === null && assignmentId !== null && source !== null)
    return sealableSource(app, tx, principal, { assignmentId, source: toSource(source), artifactKind });
  const message = "expected either an uploadId, or an assignmentId with a source";
  return Promise.resolve(fail("INVALID_INPUT", message, ["input"]));
}

interface Seal {
  readonly id: string;
  readonly artifactKind: ArtifactKind;
  readonly final: boolean;
  readonly strategy: string | null;
}

async function seal(
  app: App,
  tx: Tx,
  principal: Principal,
  { task, assignment, ordinal, upload, source }: Sealable,
  { id, final, ...rest }: Seal,
): Promise<SubmissionRecord> {
  const sealedAt = app.clock.now();
  const submission = await tx.insert("submissions", {
    ...rest,
    id,
    taskId: task.id,
    assignmentId: assignment.id,
    minerId: assignment.minerId,
    uploadId: upload?.id ?? null,
    source: source && nameOf(source),
    ordinal,
    final,
    files: upload?.files ?? [],
    sealedAt,
    staticVerdict: PENDING,
    facts: null,
  });
  if (upload) await tx.update("uploads", { id: upload.id }, { status: "SEALED" });
  if (source) await noteSource(tx, submission, source);
  if (final) await tx.update("assignments", { id: assignment.id }, { status: "SEALED", endedAt: sealedAt });
  const data = { submissionId: id, assignmentId: assignment.id, ordinal, final };
  await recordEvent(app, tx, task.id, "submissionSealed", { actor: principalName(principal), data });
  await tellSealed(app, tx, submission);
  await tx.ring("wake", source ? "fetch" : "inspect", { submissionId: id });
  await ringHooks(app, tx, "submissionSealed", { taskId: task.id, submissionId: id });
  if (final) await tx.ring("wake", "advance", { taskId: task.id });
  return submission;
}

async function noteSource(
  tx: Tx,
  { id: submissionId, taskId, sealedAt }: SubmissionRecord,
  source: NonNullable<Sealable["source"]>,
): Promise<void> {
  await tx.insert("sourceFetches", {
    submissionId,
    taskId,
    source,
    status: "PENDING",
    files: null,
    stored: [],
    attempts: 0,
    problem: null,
    dueAt: sealedAt,
    createdAt: sealedAt,
  });
}
