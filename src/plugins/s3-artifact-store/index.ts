import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { defineArtifactStore, definePlugin } from "../../core/contract/index.ts";
import { createS3Store } from "./s3-store.ts";
import type { Credentials } from "./sign-request.ts";

const MiB = 1024 * 1024;
/** What S3 allows. */
const SMALLEST_PART = 5 * MiB;
const LARGEST_PART = 5 * 1024 * MiB;

const credentials = z.strictObject({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).optional(),
});

/** Keeps blobs as objects named by their sha256 in a bucket of S3, or of a server that speaks it. */
export const s3ArtifactStore = defineArtifactStore({
  name: "s3",
  options: z.strictObject({
    /** Of the server, without the bucket: https://s3.eu-central-1.amazonaws.com. */
    endpoint: z.url({ protocol: /^https?$/ }),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "expected the name of a bucket"),
    region: z.string().min(1).default("us-east-1"),
    /** In front of every key. */
    prefix: z
      .string()
      .regex(/^[\w.-]*(\/[\w.-]+)*$/, "expected folders of letters and digits, without a slash at the end")
      .default(""),
    /** host: the bucket is a part of the host's name, not of the path. */
    addressing: z.enum(["path", "host"]).default("path"),
    /** A JSON file {accessKeyId, secretAccessKey, sessionToken}, read for each request: it may be replaced at any time. */
    credentialsFile: z.string().min(1),
    /** Longer objects go in parts of this size. */
    partBytes: z
      .int()
      .min(SMALLEST_PART)
      .max(LARGEST_PART)
      .default(64 * MiB),
  }),
  create(options, host) {
    const { endpoint, bucket, addressing, region, prefix, partBytes } = options;
    const url = new URL(endpoint);
    if (addressing === "host") url.hostname = `${bucket}.${url.hostname}`;
    const base = url.href.replace(/\/+$/, "");
    return createS3Store({
      bucket: {
        url: addressing === "host" ? base : `${base}/${bucket}`,
        region,
        credentials: () => readCredentials(options.credentialsFile),
        firstRetryMs: 250,
      },
      prefix,
      partBytes,
      spoolFolder: join(host.scratchFolder, "s3"),
    });
  },
});

async function readCredentials(path: string): Promise<Credentials> {
  const text = await readFile(path, "utf8");
  try {
    return credentials.parse(JSON.parse(text));
  } catch {
    // What was wrong would be told with a part of the text: a secret must not get into a message.
    throw new Error(`${path}: expected {"accessKeyId": "…", "secretAccessKey": "…"}`);
  }
}

export default definePlugin({ name: "s3-artifact-store", version: "1.0.0", provides: [s3ArtifactStore] });
