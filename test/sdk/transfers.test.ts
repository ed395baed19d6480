import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient, downloadFile, uploadFile, uploadFolder, type Backoff } from "../../src/sdk/index.ts";

const backoff: Backoff = { firstMs: 1, maxMs: 1, random: () => 0 };
const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
const sha256 = createHash("sha256").update(content).digest("hex");

let folder: string;
let server: Server;
let base: string;
let handler: RequestListener;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-transfers-"));
  server = createServer((request, response) => handler(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

describe("uploadFile", () => {
  it("goes on from the offset that the server tells after a broken connection", async () => {
    const source = join(folder, "model.safetensors");
    await writeFile(source, content);
    const received: Buffer[] = [];
    const offsets: number[] = [];
    const size = (): number => received.reduce((sum, part) => sum + part.length, 0);
    handler = (request, response) => {
      if (request.method === "HEAD") {
        response.writeHead(200, { "upload-offset": String(size()) }).end();
        return;
      }
      offsets.push(Number(request.headers["upload-offset"]));
      const breaks = offsets.length === 1;
      request.on("data", (chunk: Buffer) => {
        received.push(chunk);
        if (breaks && size() > 50_000) request.destroy();
      });
      request.on("end", () => response.writeHead(200).end());
      request.on("error", () => undefined);
    };
    await uploadFile({ url: "/uploads/1", base, source, bytes: content.length, fetch }, { retries: 5, backoff });
    expect(offsets[0]).toBe(0);
    expect(offsets[1]).toBeGreaterThan(50_000);
    expect(Buffer.concat(received).equals(content)).toBe(true);
  });

  it("sends nothing where the server has everything", async () => {
    const source = join(folder, "config.json");
    await writeFile(source, "{}");
    const methods: (string | undefined)[] = [];
    handler = (request, response) => {
      methods.push(request.method);
      response.writeHead(200, { "upload-offset": "2" }).end();
    };
    await uploadFile({ url: "/uploads/1", base, source, bytes: 2, fetch }, { retries: 0, backoff });
    expect(methods).toEqual(["HEAD"]);
  });

  it("reports a refusal with the server's code and does not try again", async () => {
    const source = join(folder, "model.safetensors");
    await writeFile(source, content);
    let puts = 0;
    handler = (request, response) => {
      if (request.method === "HEAD") {
        response.writeHead(200, { "upload-offset": "0" }).end();
        return;
      }
      puts += 1;
      request
        .resume()
        .on("end", () => response.writeHead(410).end(JSON.stringify({ code: "UPLOAD_NOT_OPEN", message: "expired" })));
    };
    const upload = uploadFile(
      { url: "/uploads/1", base, source, bytes: content.length, fetch },
      { retries: 5, backoff },
    );
    await expect(upload).rejects.toMatchObject({ name: "RequestError", code: "UPLOAD_NOT_OPEN" });
    expect(puts).toBe(1);
  });

  it.each([
    ["grown", content.length - 1],
    ["shrunk", content.length + 1],
  ])(
    "gives up a file that has %s since its upload began: its bytes can never be those that were announced",
    async (_how, bytes) => {
      const source = join(folder, "model.safetensors");
      await writeFile(source, content);
      handler = (_request, response) => response.writeHead(200, { "upload-offset": "0" }).end();
      const upload = uploadFile({ url: "/uploads/1", base, source, bytes, fetch }, { retries: 2, backoff });
      await expect(upload).rejects.toMatchObject({ name: "RequestError", code: "FILE_CHANGED" });
    },
  );
});

it("a server can't ask for files beside the model that is uploaded", async () => {
  const model = join(folder, "model");
  await mkdir(model);
  await writeFile(join(model, "model.safetensors"), content);
  await writeFile(join(folder, "key.json"), "a secret");
  const asked: string[] = [];
  handler = (request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const files = [{ path: "../key.json", bytes: 8, url: "/uploads/1" }];
    const upload = { id: "1", status: "OPEN", expiresAt: new Date(0).toISOString(), files };
    response.end(JSON.stringify({ data: { createUpload: { upload, userErrors: [] } } }));
  };
  await using client = createClient({ url: base });
  const upload = uploadFolder(client, { assignmentId: "a", folder: model, idempotencyKey: "k" }, { retries: 0 });
  await expect(upload).rejects.toMatchObject({ code: "FILE_PATH_REFUSED" });
  expect(asked).toEqual(["POST /graphql"]);
});

describe("downloadFile", () => {
  it("tries again when the connection breaks and keeps the file once it is whole", async () => {
    const target = join(folder, "data", "train.jsonl");
    let requests = 0;
    handler = (_request, response) => {
      requests += 1;
      response.writeHead(200, { "content-length": String(content.length) });
      if (requests === 1) response.write(content.subarray(0, 1000), () => response.destroy());
      else response.end(content);
    };
    const download = { url: "/blob", base, target, sha256, fetch };
    await downloadFile(download, { retries: 3, backoff });
    expect((await readFile(target)).equals(content)).toBe(true);
    await downloadFile(download, { retries: 3, backoff });
    expect(requests).toBe(2);
  });

  it("leaves nothing behind when other bytes arrive", async () => {
    handler = (_request, response) => response.end("something else");
    const download = downloadFile(
      { url: "/blob", base, target: join(folder, "train.jsonl"), sha256, fetch },
      { retries: 0, backoff },
    );
    await expect(download).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(await readdir(folder)).toEqual([]);
  });

  it("tells what the disk refuses, and does not try again", async () => {
    let requests = 0;
    handler = (_request, response) => {
      requests += 1;
      response.end(content);
    };
    const download = downloadFile(
      { url: "/blob", base, target: join(folder, "x".repeat(300)), sha256, fetch },
      { retries: 3, backoff },
    );
    await expect(download).rejects.toMatchObject({ code: "ENAMETOOLONG" });
    expect(requests).toBe(1);
  });
});
