import type { Readable } from "node:stream";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import type { UploadFile } from "../records.ts";
import { linkProblem, type LinkSignature } from "../signed-link.ts";
import { uploadPath } from "./upload-progress.ts";

/** The link that a file is sent to, taken apart. */
export interface UploadLink extends LinkSignature {
  readonly uploadId: string;
  readonly index: number;
}

/** How much of a file is here and how much is expected, in bytes. */
export interface FileOffset {
  readonly received: number;
  readonly bytes: number;
}

/** Tells where to go on with a file. */
export async function uploadOffset(app: App, link: UploadLink): Promise<AppResult<FileOffset>> {
  const file = await openFile(app, link);
  if (!file.ok) return file;
  return ok({ received: await app.uploadParts.received(link.uploadId, link.index), bytes: file.value.bytes });
}

/**
 * Appends a body to a file at `offset`, which must be what `uploadOffset` says. What has arrived survives a broken
 * connection and a killed server; a body longer than declared is taken back.
 */
export async function receiveUpload(
  app: App,
  { offset, body, ...link }: UploadLink & { readonly offset: number; readonly body: Readable },
): Promise<AppResult<FileOffset>> {
  const file = await openFile(app, link);
  if (!file.ok) return file;
  const { bytes } = file.value;
  const outcome = await app.uploadParts.append(link.uploadId, link.index, { offset, maxBytes: bytes, body });
  const { received } = outcome;
  switch (outcome.status) {
    case "appended":
      return ok({ received, bytes });
    case "wrong-offset":
      return fail(
        "UPLOAD_OFFSET_MISMATCH",
        `expected the offset ${received}, found ${offset}: HEAD tells where to go on`,
      );
    case "too-long":
      return fail(
        "UPLOAD_TOO_LARGE",
        `expected ${bytes} bytes as declared, found more: the piece was dropped at ${received}`,
      );
    case "taken-over":
      return fail(
        "UPLOAD_TAKEN_OVER",
        `another connection sends this file now, from ${received} of ${bytes} bytes on: let it, or HEAD and go on from there`,
      );
    case "broken":
      return fail("UPLOAD_INCOMPLETE", `the connection ended after ${received} of ${bytes} bytes: go on from there`);
  }
}

async function openFile(app: App, link: UploadLink): Promise<AppResult<UploadFile>> {
  const problem = await linkProblem(app, "upload", uploadPath(link.uploadId, link.index), link);
  if (problem) return problem;
  const upload = await app.store.findOne("uploads", { id: link.uploadId });
  const file = upload?.files[link.index];
  if (!upload || !file) return fail("NOT_FOUND", "expected a file of an upload, found none");
  if (upload.status !== "OPEN" || upload.expiresAt <= app.clock.now()) {
    return fail(
      "UPLOAD_NOT_OPEN",
      `expected an open upload, found it ${upload.status === "OPEN" ? "expired" : upload.status}`,
    );
  }
  return ok(file);
}
