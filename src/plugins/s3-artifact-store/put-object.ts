import { buffer } from "node:stream/consumers";
import { askS3, drain, type Bucket } from "./s3-client.ts";
import type { Spooled } from "./spool.ts";

/**
 * Stores a spooled file under a key: in one request, or in parts where it is longer than one. Each body's sha256 is signed,
 * so the server refuses bytes that were changed on the way. An object appears when all of it is there.
 */
export async function putObject(bucket: Bucket, key: string, spooled: Spooled, partBytes: number): Promise<void> {
  const { path, bytes, sha256, parts } = spooled;
  if (parts.length === 1) {
    const body = bytes === 0 ? { bytes: new Uint8Array() } : { path, start: 0, end: bytes, sha256 };
    return drain(await askS3(bucket, { method: "PUT", key, body }, [200]));
  }
  const begun = await askS3(bucket, { method: "POST", key, query: { uploads: "" } }, [200]);
  const uploadId = tagOf("UploadId", (await buffer(begun)).toString("utf8"));
  try {
    const tags: string[] = [];
    for (const [index, part] of parts.entries()) {
      const start = index * partBytes;
      const body = { path, start, end: Math.min(bytes, start + partBytes), sha256: part };
      const query = { partNumber: String(index + 1), uploadId };
      const answer = await askS3(bucket, { method: "PUT", key, query, body }, [200]);
      tags.push(String(answer.headers.etag));
      await drain(answer);
    }
    await complete(bucket, key, uploadId, tags);
  } catch (error) {
    // Parts of an upload that was given up cost money until somebody removes them.
    await askS3(bucket, { method: "DELETE", key, query: { uploadId } }, [204, 404]).then(drain, () => undefined);
    throw error;
  }
}

async function complete(bucket: Bucket, key: string, uploadId: string, tags: readonly string[]): Promise<void> {
  const list = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const xml = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
  const body = { bytes: Buffer.from(xml) };
  const answer = await askS3(bucket, { method: "POST", key, query: { uploadId }, body }, [200]);
  const text = (await buffer(answer)).toString("utf8");
  // S3 answers 200 before it has put the parts together, and says only in the body how that went.
  if (text.includes("<Error>")) throw new Error(`S3 could not complete an upload: ${tagOf("Code", text)}`);
}

function tagOf(name: string, xml: string): string {
  const value = new RegExp(`<${name}>([^<]{1,1000})</${name}>`).exec(xml)?.[1];
  if (value === undefined) throw new Error(`S3's answer has no ${name}`);
  return value;
}
