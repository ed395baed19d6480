import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { id } from "../input-schemas.ts";
import { ownMiner } from "../miners/own-miner.ts";
import { parseInput } from "../parse-input.ts";
import type { Principal } from "../principal.ts";
import type { UploadRecord } from "../records.ts";

const schema = z.object({ uploadId: id });
const PATH = ["input", "uploadId"];

/** Checks that every file is here with the declared size and sha256 and moves them to the artefact store. */
export async function completeUpload(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<UploadRecord>> {
  const miner = await ownMiner(app.store, principal);
  if (!miner.ok) return miner;
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const own = { id: parsed.value.uploadId, minerId: miner.value.id };
  const upload = await app.store.findOne("uploads", own);
  if (upload === null) return fail("NOT_FOUND", "expected the id of one of your uploads, found none", PATH);
  if (upload.status === "COMPLETE" || upload.status === "SEALED") return ok(upload);
  if (upload.status !== "OPEN" || upload.expiresAt <= app.clock.now()) {
    return fail("UPLOAD_NOT_OPEN", "expected an open upload, found it expired: create a new one", PATH);
  }
  try {
    const kept = await keepFiles(app, upload);
    const result = kept.ok ? await finish(app, upload) : kept;
    return result.ok ? result : ((await completed(app, own)) ?? result);
  } catch (error) {
    // The same call on another connection may have finished and removed the parts under our hands.
    const other = await completed(app, own);
    if (other) return other;
    throw error;
  }
}

async function completed(app: App, own: { readonly id: string; readonly minerId: string }) {
  const upload = await app.store.findOne("uploads", { ...own, status: { in: ["COMPLETE", "SEALED"] } });
  return upload && ok(upload);
}

async function keepFiles(app: App, upload: UploadRecord): Promise<AppResult<true>> {
  for (const [index, file] of upload.files.entries()) {
    const received = await app.uploadParts.received(upload.id, index);
    if (received === file.bytes) continue;
    return fail(
      "UPLOAD_INCOMPLETE",
      `expected ${file.bytes} bytes of ${file.path}, found ${received}: send the rest`,
      PATH,
    );
  }
  for (const [index, file] of upload.files.entries()) {
    // Hashed before it is stored: bytes that nobody declared never get into the artefact store.
    const found = await app.uploadParts.sha256(upload.id, index);
    if (found === file.sha256) continue;
    await app.uploadParts.drop(upload.id, index);
    const message = `expected sha256 ${file.sha256} of ${file.path}, found ${found}: the file was dropped, send it again`;
    return fail("UPLOAD_DIGEST_MISMATCH", message, PATH);
  }
  for (const [index, file] of upload.files.entries()) {
    const part = await app.uploadParts.read(upload.id, index);
    const blob = await app.artifacts.put(part, { maxBytes: file.bytes });
    if (blob.sha256 !== file.sha256) throw new Error(`${file.path} of upload ${upload.id} changed while it was stored`);
  }
  return ok(true);
}

async function finish(app: App, upload: UploadRecord): Promise<AppResult<UploadRecord>> {
  const open = { id: upload.id, status: "OPEN" } as const;
  const changed = await app.store.transaction((tx) => tx.update("uploads", open, { status: "COMPLETE" }));
  await app.uploadParts.dropUpload(upload.id);
  if (changed > 0) return ok({ ...upload, status: "COMPLETE" });
  return fail("UPLOAD_NOT_OPEN", "the upload ended while it was checked: create a new one", PATH);
}
