import { createHash, createHmac } from "node:crypto";

/** Whose requests they are. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary ones. */
  readonly sessionToken?: string | undefined;
}

/** A request before it is signed; header names in lower case. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** sha256 (hex) of the body: the server refuses any other. */
  readonly payloadSha256: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** The headers of a request with AWS's signature, version 4, in the Authorization header; all headers are signed. */
export function signRequest(
  { method, url, headers, payloadSha256 }: UnsignedRequest,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  { region, now }: { readonly region: string; readonly now: Date },
): Readonly<Record<string, string>> {
  const moment = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const day = moment.slice(0, 8);
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    "x-amz-content-sha256": payloadSha256,
    "x-amz-date": moment,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(all).toSorted();
  const canonical = [
    method,
    canonicalPath(url.pathname),
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${all[name]?.trim().replaceAll(/ +/g, " ") ?? ""}`),
    "",
    names.join(";"),
    payloadSha256,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [ALGORITHM, moment, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${secretAccessKey}`,
  );
  const signature = hmac(key, text).toString("hex");
  const credential = `Credential=${accessKeyId}/${scope}`;
  return {
    ...all,
    authorization: `${ALGORITHM} ${credential},SignedHeaders=${names.join(";")},Signature=${signature}`,
  };
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** S3 wants each part of a path encoded once, whatever the URL left as it was. */
const canonicalPath = (path: string): string =>
  path
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");

function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.toSorted().join("&");
}

/** RFC 3986: what encodeURIComponent leaves and S3 does not. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
