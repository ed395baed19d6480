import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { InfrastructureError } from "../../core/contract/index.ts";
import { signRequest, type Credentials } from "./sign-request.ts";

/** A server that says nothing for this long has gone. */
const SILENCE_MS = 60_000;
const MOST_ATTEMPTS = 4;
const LONGEST_PROBLEM = 4096;

/** A bucket and who asks it. */
export interface Bucket {
  /** With the bucket in it, without a slash at the end. */
  readonly url: string;
  readonly region: string;
  credentials(): Promise<Credentials>;
  /** Before the second attempt; doubles with each. */
  readonly firstRetryMs: number;
}

/** What is sent: bytes, or a part of a file; its sha256 (hex) is signed. */
export type Body =
  | { readonly bytes: Uint8Array }
  | { readonly path: string; readonly start: number; readonly end: number; readonly sha256: string };

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
}

/** An answer whose body is still to be read. */
export type S3Answer = IncomingMessage & { readonly statusCode: number };

const EMPTY: Body = { bytes: new Uint8Array() };

/**
 * Sends a signed request; all that a store asks may be asked twice, so a server that is busy or gone is asked again.
 *
 * @param expected statuses that are answers; any other is a failure.
 * @throws InfrastructureError with S3's own code for it. Neither keys nor signatures are in the message.
 */
export async function askS3(bucket: Bucket, request: S3Request, expected: readonly number[]): Promise<S3Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(bucket, request).catch((error: unknown) => describe(error));
    if (typeof outcome !== "string" && expected.includes(outcome.statusCode)) return outcome;
    const problem = typeof outcome === "string" ? outcome : await problemOf(outcome);
    const again = typeof outcome === "string" || outcome.statusCode >= 500 || outcome.statusCode === 429;
    if (!again || attempt === MOST_ATTEMPTS) {
      const { host } = new URL(bucket.url);
      throw new InfrastructureError("STORAGE_FAILED", `${request.method} at ${host} failed: ${problem}`);
    }
    await wait(bucket.firstRetryMs * 2 ** (attempt - 1));
  }
}

async function send(bucket: Bucket, { method, key, query = {}, headers = {}, body = EMPTY }: S3Request) {
  const url = new URL(`${bucket.url}/${key}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const length = "bytes" in body ? body.bytes.byteLength : body.end - body.start;
  const payloadSha256 = "bytes" in body ? createHash("sha256").update(body.bytes).digest("hex") : body.sha256;
  const unsigned = { method, url, headers: { ...headers, "content-length": String(length) }, payloadSha256 };
  const credentials = await bucket.credentials();
  const signed = signRequest(unsigned, credentials, { region: bucket.region, now: new Date() });
  const ask = url.protocol === "http:" ? requestHttp : requestHttps;
  const asked = ask(url, { method, headers: signed });
  asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error(`silent for ${SILENCE_MS / 1000} s`)));
  const answered = new Promise<S3Answer>((resolve, reject) => {
    // An answer to a request of ours always has a status.
    asked.on("response", (answer) => resolve(answer as S3Answer)).on("error", reject);
  });
  const sent = "bytes" in body ? sendBytes(asked, body.bytes) : pipeline(readPart(body), asked);
  // A server may answer before it has read everything, a refusal above all: that answer tells more than the broken pipe.
  sent.catch(() => undefined);
  return answered;
}

async function sendBytes(request: ReturnType<typeof requestHttp>, bytes: Uint8Array): Promise<void> {
  request.end(bytes);
}

/** `end` is the first byte that is not sent. */
const readPart = ({ path, start, end }: Extract<Body, { readonly path: string }>) =>
  createReadStream(path, { start, end: end - 1 });

async function problemOf(answer: S3Answer): Promise<string> {
  let text = "";
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      text += chunk.toString("utf8");
      if (text.length > LONGEST_PROBLEM) break;
    }
  } catch {
    // What came says enough.
  }
  const code = /<Code>([\w.-]{1,100})<\/Code>/.exec(text)?.[1];
  return `S3 answered ${answer.statusCode}${code === undefined ? "" : ` ${code}`}`;
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads an answer that says nothing of use, so that its connection is free again. */
export async function drain(answer: S3Answer): Promise<void> {
  answer.resume();
  for await (const _ of answer);
}
