import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { withRetries, type RetryOptions } from "./backoff.ts";
import { ConnectionError, RequestError } from "./errors.ts";
import { fileSha256 } from "./file-digest.ts";
import { toTransferError } from "./http-status.ts";

export interface Download {
  /** Absolute, or relative to `base`. */
  readonly url: string;
  readonly base: string;
  readonly target: string;
  readonly sha256: string;
  readonly fetch: typeof fetch;
  /** Told how many bytes have arrived, after each piece of them. */
  readonly onBytes?: (received: number) => void;
}

/**
 * Fetches a file and gives it its name only when its sha256 is right; a file that is there already and right is kept.
 *
 * @throws RequestError(DIGEST_MISMATCH) where other bytes arrived; RequestError or ConnectionError as the server answers;
 * what the disk says where the file can't be written.
 */
export async function downloadFile(download: Download, retry: RetryOptions): Promise<void> {
  const existing = await fileSha256(download.target).catch(() => null);
  if (existing === download.sha256) return;
  await mkdir(dirname(download.target), { recursive: true });
  const draft = `${download.target}.part`;
  try {
    await withRetries(() => fetchInto(draft, download, retry.signal), retry);
    await rename(draft, download.target);
  } finally {
    await rm(draft, { force: true });
  }
}

async function fetchInto(
  draft: string,
  { url, base, sha256, fetch, onBytes }: Download,
  signal: AbortSignal | undefined,
): Promise<void> {
  const response = await fetch(new URL(url, base), signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new ConnectionError(`No answer from ${base}.`, { cause });
  });
  if (!response.ok || response.body === null) throw await toTransferError(response, "Download");
  const hash = createHash("sha256");
  let received = 0;
  const digest = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      received += chunk.length;
      onBytes?.(received);
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(response.body), digest, createWriteStream(draft)).catch((cause: unknown) => {
    signal?.throwIfAborted();
    // The disk's refusal: no connection has to do with it.
    if (cause instanceof Error && "syscall" in cause) throw cause;
    throw new ConnectionError("The download broke off.", { cause });
  });
  const found = hash.digest("hex");
  if (found !== sha256)
    throw new RequestError("DIGEST_MISMATCH", `Expected a file with sha256 ${sha256}; received ${found}.`);
}
