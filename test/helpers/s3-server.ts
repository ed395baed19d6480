import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { signRequest, type Credentials } from "../../src/plugins/s3-artifact-store/sign-request.ts";

/** A server with the part of S3 that the store uses. Unlike others for tests, it checks every signature and every body. */
export interface S3Server extends AsyncDisposable {
  readonly url: string;
  readonly objects: Map<string, Buffer>;
  /** Uploads in parts that were begun and not ended. */
  readonly open: ReadonlyMap<string, Map<number, Buffer>>;
  /** `method path` of every request. */
  readonly requests: string[];
  /** Answers requests instead of the server where it returns true. */
  interrupt(handler: ((request: IncomingMessage, response: ServerResponse) => boolean) | null): void;
}

export async function openS3Server(credentials: Credentials, region: string): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const changed = new Map<string, Date>();
  const open = new Map<string, Map<number, Buffer>>();
  const requests: string[] = [];
  let interruption: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;

  const keep = (path: string, bytes: Buffer): void => {
    objects.set(path, bytes);
    changed.set(path, new Date());
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "", `http://${request.headers.host}`);
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (interruption?.(request, response)) return;
    const body = await buffer(request);
    const problem = problemWith(request, url, body, credentials, region);
    if (problem !== null) return refuse(response, 403, problem);
    const uploadId = url.searchParams.get("uploadId");
    const path = url.pathname;
    switch (request.method) {
      case "POST": {
        if (uploadId === null) {
          const id = randomUUID();
          open.set(id, new Map());
          response.end(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
          return;
        }
        const parts = open.get(uploadId);
        const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>("[0-9a-f]+")<\/ETag>/g)];
        const pieces = named.map(([, number, tag]) => {
          const part = parts?.get(Number(number));
          return part && etag(part) === tag ? part : null;
        });
        if (!parts || pieces.length !== parts.size || pieces.includes(null))
          return refuse(response, 400, "InvalidPart");
        open.delete(uploadId);
        keep(path, Buffer.concat(pieces.flatMap((piece) => piece ?? [])));
        response.end("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
        return;
      }
      case "PUT":
        if (uploadId === null) keep(path, body);
        else open.get(uploadId)?.set(Number(url.searchParams.get("partNumber")), body);
        response.setHeader("etag", etag(body));
        response.end();
        return;
      case "DELETE":
        if (uploadId === null) objects.delete(path);
        else open.delete(uploadId);
        response.writeHead(204).end();
        return;
      default: {
        const found = objects.get(path);
        if (!found) return refuse(response, 404, "NoSuchKey");
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
        response.writeHead(request.headers.range === undefined ? 200 : 206, {
          "content-length": found.length - from,
          "last-modified": changed.get(path)?.toUTCString(),
        });
        response.end(request.method === "HEAD" ? undefined : found.subarray(from));
      }
    }
  };

  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's address is never a text
    objects,
    open,
    requests,
    interrupt(handler) {
      interruption = handler;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The signature is made again from what arrived: its arithmetic is checked against Amazon's own examples elsewhere. */
function problemWith(
  { method = "", headers }: IncomingMessage,
  url: URL,
  body: Buffer,
  credentials: Credentials,
  region: string,
): string | null {
  const given = headers.authorization ?? "";
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(";") ?? [];
  const date = String(headers["x-amz-date"]).replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
  const now = new Date(date);
  if (!(Math.abs(now.getTime() - Date.now()) < 900_000)) return "RequestTimeTooSkewed";
  const payloadSha256 = String(headers["x-amz-content-sha256"]);
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  const expected = signRequest({ method, url, headers: signed, payloadSha256 }, credentials, { region, now });
  if (expected["authorization"] !== given) return "SignatureDoesNotMatch";
  if (createHash("sha256").update(body).digest("hex") !== payloadSha256) return "XAmzContentSHA256Mismatch";
  return Number(headers["content-length"]) === body.length ? null : "IncompleteBody";
}

const etag = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

const refuse = (response: ServerResponse, status: number, code: string): void =>
  void response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
