import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { withRetries, type RetryOptions } from "./backoff.ts";
import { ConnectionError, RequestError } from "./errors.ts";
import { toTransferError } from "./http-status.ts";

/** Request and response header that carry how many bytes of a file have been received. */
export const UPLOAD_OFFSET_HEADER = "upload-offset";
const CONFLICT = 409;

export interface FileUpload {
  /** The signed URL: absolute, or relative to `base`. */
  readonly url: string;
  readonly base: string;
  readonly source: string;
  readonly bytes: number;
  readonly fetch: typeof fetch;
}

/**
 * Sends a file by PUT and, after a break, goes on from the offset that the server tells (HEAD).
 *
 * @throws RequestError where the server refuses it (wrong sha256, too large, expired), or FILE_CHANGED where the file is no
 * longer `bytes` long; ConnectionError after the last retry.
 */
export async function uploadFile(upload: FileUpload, retry: RetryOptions): Promise<void> {
  await withRetries(async () => {
    const offset = await receivedBytes(upload, retry.signal);
    if (offset < upload.bytes || upload.bytes === 0) await putFrom(offset, upload, retry.signal);
  }, retry);
}

async function receivedBytes({ url, base, fetch }: FileUpload, signal: AbortSignal | undefined): Promise<number> {
  const response = await send(() => fetch(new URL(url, base), { method: "HEAD", ...withSignal(signal) }), signal);
  if (!response.ok) throw await toTransferError(response, "Upload");
  return Number(response.headers.get(UPLOAD_OFFSET_HEADER) ?? 0);
}

async function putFrom(
  offset: number,
  { url, base, source, bytes, fetch }: FileUpload,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { size } = await stat(source);
  if (size !== bytes)
    throw new RequestError("FILE_CHANGED", `${source} had ${bytes} bytes when its upload began, and has ${size} now.`);
  const stream = createReadStream(source, { start: offset });
  try {
    const response = await send(
      () =>
        fetch(new URL(url, base), {
          method: "PUT",
          headers: {
            [UPLOAD_OFFSET_HEADER]: String(offset),
            "content-type": "application/octet-stream",
            "content-length": String(bytes - offset),
          },
          body: Readable.toWeb(stream),
          duplex: "half",
          ...withSignal(signal),
        }),
      signal,
    );
    // Somebody else's bytes arrived in between, or ours did although the answer was lost: ask for the offset again.
    if (response.status === CONFLICT) throw new ConnectionError("The server has received another part of the file.");
    if (!response.ok) throw await toTransferError(response, "Upload");
    await response.arrayBuffer();
  } finally {
    stream.destroy();
  }
}

async function send(request: () => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await request();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ConnectionError("The upload broke off.", { cause });
  }
}

const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };
