import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { LiveArtifactStore, StoredBlob } from "../../core/contract/index.ts";
import { putObject } from "./put-object.ts";
import { readObject } from "./read-object.ts";
import { askS3, drain, type Bucket } from "./s3-client.ts";
import { spool } from "./spool.ts";

const sha256Hex = /^[0-9a-f]{64}$/;

export interface S3StoreOptions {
  readonly bucket: Bucket;
  /** In front of every key, without a slash at the end; empty for none. */
  readonly prefix: string;
  readonly partBytes: number;
  /** For what is on its way to the bucket. */
  readonly spoolFolder: string;
}

/** A content-addressed store in a bucket: `<prefix>/sha256/<2 hex>/<64 hex>`. */
export function createS3Store({ bucket, prefix, partBytes, spoolFolder }: S3StoreOptions): LiveArtifactStore {
  const keyOf = (sha256: string): string =>
    `${prefix === "" ? "" : `${prefix}/`}sha256/${sha256.slice(0, 2)}/${sha256}`;

  async function head(sha256: string): Promise<(StoredBlob & { readonly changedAt: Date }) | null> {
    if (!sha256Hex.test(sha256)) return null;
    const answer = await askS3(bucket, { method: "HEAD", key: keyOf(sha256) }, [200, 404]);
    await drain(answer);
    if (answer.statusCode === 404) return null;
    const changedAt = new Date(answer.headers["last-modified"] ?? 0);
    return { sha256, bytes: Number(answer.headers["content-length"]), changedAt };
  }

  async function open(sha256: string): Promise<Readable | null> {
    if (!sha256Hex.test(sha256)) return null;
    const key = keyOf(sha256);
    const answer = await askS3(bucket, { method: "GET", key }, [200, 404]);
    if (answer.statusCode === 200) return Readable.from(readObject(bucket, key, sha256, answer), { objectMode: false });
    await drain(answer);
    return null;
  }

  return {
    async put(bytes, { maxBytes }) {
      // A stream may fail before it is read; the loop over it throws that error, an event without a listener ends the process.
      bytes.on("error", () => undefined);
      await using spooled = await spool(bytes, { folder: spoolFolder, maxBytes, partBytes });
      // Stored again where it is there already: its age says when somebody last brought it.
      await putObject(bucket, keyOf(spooled.sha256), spooled, partBytes);
      return { sha256: spooled.sha256, bytes: spooled.bytes };
    },
    open,
    async copyTo(sha256, path) {
      const stream = await open(sha256);
      if (stream === null) throw new Error(`the artefact store has no blob ${sha256}`);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(stream, createWriteStream(path)).catch(async (error: unknown) => {
        await rm(path, { force: true });
        throw error;
      });
    },
    async stat(sha256) {
      const found = await head(sha256);
      return found && { sha256, bytes: found.bytes };
    },
    async remove(sha256, { putBefore } = {}) {
      const found = await head(sha256);
      if (found === null || (putBefore !== undefined && found.changedAt >= putBefore)) return;
      await drain(await askS3(bucket, { method: "DELETE", key: keyOf(sha256) }, [200, 204, 404]));
    },
  };
}
