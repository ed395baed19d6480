import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { App, UploadRecord } from "../../src/core/app/index.ts";
import { completeUpload } from "../../src/core/app/uploads/complete-upload.ts";
import { createUpload } from "../../src/core/app/uploads/create-upload.ts";
import { receiveUpload, type UploadLink } from "../../src/core/app/uploads/receive-upload.ts";
import { uploadProgress } from "../../src/core/app/uploads/upload-progress.ts";
import type { AtWork } from "./an-assignment.ts";
import { valueOf } from "./result.ts";
import { TINY_CONFIG, tinyWeights } from "./tiny-base.ts";

/** Names and contents of a model's files. */
export type Files = Readonly<Record<string, Buffer>>;

export const aModel = (change = 1): Files => ({
  "config.json": Buffer.from(JSON.stringify(TINY_CONFIG)),
  "model.safetensors": tinyWeights(change),
});

export const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** How a client announces its files. */
export const announce = (files: Files) =>
  Object.entries(files).map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256Of(bytes) }));

export const open = (
  app: App,
  { miner, assignmentId }: AtWork,
  files: Files = aModel(),
  idempotencyKey: string = randomUUID(),
) => createUpload(app, miner, { idempotencyKey, assignmentId, files: announce(files) });

/** Takes the signed link of one file apart, as the HTTP route does. */
export async function linkOf(app: App, upload: UploadRecord, index: number): Promise<UploadLink> {
  const file = (await uploadProgress(app, upload))[index];
  const url = new URL(file?.url ?? "", "http://test.invalid");
  const [, , uploadId = ""] = url.pathname.split("/");
  const expires = Number(url.searchParams.get("expires"));
  const { searchParams } = url;
  return { uploadId, index, expires, holder: searchParams.get("for"), signature: searchParams.get("signature") ?? "" };
}

/** Sends one piece of a file. */
export async function send(app: App, upload: UploadRecord, index: number, bytes: Buffer, offset = 0) {
  return receiveUpload(app, { ...(await linkOf(app, upload, index)), offset, body: Readable.from([bytes]) });
}

/** Sends all files of an upload whole. */
export async function sendAll(app: App, upload: UploadRecord, files: Files): Promise<void> {
  for (const [index, bytes] of Object.values(files).entries()) valueOf(await send(app, upload, index, bytes));
}

/** A model that has arrived and can be sealed. */
export async function aCompleteUpload(app: App, at: AtWork, files: Files = aModel()): Promise<UploadRecord> {
  const upload = valueOf(await open(app, at, files));
  await sendAll(app, upload, files);
  return valueOf(await completeUpload(app, at.miner, { uploadId: upload.id }));
}
