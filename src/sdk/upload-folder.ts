import { join } from "node:path";
import { withRetries, type RetryOptions } from "./backoff.ts";
import type { GradientsClient } from "./client.ts";
import { present, RequestError } from "./errors.ts";
import { listFolder, type FolderFile } from "./file-digest.ts";
import { CompleteUploadDocument, CreateUploadDocument } from "./generated/graphql.ts";
import { uploadFile } from "./upload-file.ts";

/** How often links may expire before an upload is given up. */
const MAX_LINKS = 20;

export interface FolderUpload {
  readonly assignmentId: string;
  readonly folder: string;
  /** The same key continues the same upload, after a restart too. */
  readonly idempotencyKey: string;
}

/** Uploads every file of a model folder and completes the upload; returns its id, ready to be sealed. @throws UserError, RequestError, ConnectionError */
export async function uploadFolder(
  client: GradientsClient,
  upload: FolderUpload,
  retry: RetryOptions,
): Promise<string> {
  const files = await listFolder(upload.folder);
  for (let links = 1; ; links += 1) {
    try {
      return await sendFiles(client, upload, files, retry);
    } catch (error) {
      // The same call gives fresh links to the same upload, which goes on where it was.
      if (!(error instanceof RequestError) || error.code !== "LINK_EXPIRED" || links >= MAX_LINKS) throw error;
    }
  }
}

async function sendFiles(
  client: GradientsClient,
  { assignmentId, folder, idempotencyKey }: FolderUpload,
  files: readonly FolderFile[],
  retry: RetryOptions,
): Promise<string> {
  const { signal } = retry;
  const input = { idempotencyKey, assignmentId, files: [...files] };
  const { createUpload } = await withRetries(() => client.request(CreateUploadDocument, { input }, { signal }), retry);
  const { id, status, files: targets } = present(createUpload.upload, "upload");
  if (status !== "OPEN") return id;
  for (const { path, bytes, url } of targets) {
    // A server must not choose what leaves this machine.
    if (!files.some((file) => file.path === path))
      throw new RequestError("FILE_PATH_REFUSED", `The server asked for ${path}, which is no file of the model.`);
    await uploadFile({ url, base: client.url, source: join(folder, path), bytes, fetch: client.fetch }, retry);
  }
  await withRetries(() => client.request(CompleteUploadDocument, { input: { uploadId: id } }, { signal }), retry);
  return id;
}
