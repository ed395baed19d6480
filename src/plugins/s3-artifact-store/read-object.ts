import { createHash } from "node:crypto";
import { InfrastructureError } from "../../core/contract/index.ts";
import { askS3, type Bucket, type S3Answer } from "./s3-client.ts";

/** A long download that breaks is taken up where it broke, so often. */
const MOST_RESUMES = 5;

/**
 * The bytes of an object, from an answer that has begun; a connection that breaks is taken up again.
 *
 * @throws InfrastructureError where the bytes are not those of the sha256: they must not be used.
 */
export async function* readObject(
  bucket: Bucket,
  key: string,
  sha256: string,
  first: S3Answer,
): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  const total = Number(first.headers["content-length"]);
  let received = 0;
  let answer = first;
  for (let resumes = 0; ; resumes += 1) {
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        hash.update(chunk);
        received += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (resumes === MOST_RESUMES) throw error;
    }
    if (received >= total) break;
    if (resumes === MOST_RESUMES)
      throw new InfrastructureError("STORAGE_FAILED", `the object ${key} ends after ${received} of ${total} bytes`);
    answer = await askS3(bucket, { method: "GET", key, headers: { range: `bytes=${received}-` } }, [206]);
  }
  if (hash.digest("hex") !== sha256)
    throw new InfrastructureError("STORAGE_FAILED", `the object ${key} is not what was stored under its name`);
}
