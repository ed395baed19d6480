import type { App } from "../app.ts";
import type { UploadFile, UploadRecord } from "../records.ts";
import { signLink } from "../signed-link.ts";

/** One file of an upload: how much of it has arrived, and the link to PUT the rest to. */
export interface UploadFileProgress extends UploadFile {
  readonly received: number;
  readonly url: string;
}

/** Where each file of an upload stands. The links end with the upload. */
export async function uploadProgress(app: App, upload: UploadRecord): Promise<readonly UploadFileProgress[]> {
  const arrived = upload.status === "COMPLETE" || upload.status === "SEALED";
  const entries = upload.files.map(async (file, index) => ({
    ...file,
    received: arrived ? file.bytes : await app.uploadParts.received(upload.id, index),
    url: signLink(app, "upload", uploadPath(upload.id, index), upload.expiresAt, upload.minerId),
  }));
  return Promise.all(entries);
}

/** Where a file of an upload is PUT. */
export const uploadPath = (uploadId: string, index: number): string => `/uploads/${uploadId}/${index}`;
