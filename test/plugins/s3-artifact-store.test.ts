import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { testArtifactStore } from "../../src/core/contract/testing/test-artifact-store.ts";
import { s3ArtifactStore } from "../../src/plugins/s3-artifact-store/index.ts";
import { createS3Store } from "../../src/plugins/s3-artifact-store/s3-store.ts";
import { openS3Server } from "../helpers/s3-server.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret / of the operator" };
const region = "eu-central-1";
const server = await openS3Server(credentials, region);
const host = await createTestHost();
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.interrupt(null);
  server.objects.clear();
  server.requests.length = 0;
});

const storeOf = (given: { partBytes?: number; secret?: string } = {}) =>
  createS3Store({
    bucket: {
      url: `${server.url}/models`,
      region,
      credentials: async () => ({ ...credentials, secretAccessKey: given.secret ?? credentials.secretAccessKey }),
      firstRetryMs: 1,
    },
    prefix: "market (1)/blobs",
    partBytes: given.partBytes ?? 1_000_000,
    spoolFolder: join(host.scratchFolder, "s3"),
  });

testArtifactStore("s3", () => storeOf());
testArtifactStore("s3 in parts of four bytes", () => storeOf({ partBytes: 4 }));

const bytes = Buffer.from("a model of thirty bytes, or so");
const sha256 = createHash("sha256").update(bytes).digest("hex");
const put = (store = storeOf()) => store.put(Readable.from([bytes]), { maxBytes: 1000 });

describe("s3 artefact store", () => {
  it("sends long blobs in parts, and each byte once", async () => {
    const store = storeOf({ partBytes: 16 });
    await put(store);
    expect(
      server.requests.filter((line) => line.startsWith("PUT")).map((line) => /partNumber=\d/.exec(line)?.[0]),
    ).toEqual(["partNumber=1", "partNumber=2"]);
    expect([...server.objects.values()]).toEqual([bytes]);
    expect(server.open.size).toBe(0);
  });

  it("leaves nothing on this machine, whether a blob was kept, refused or could not be sent", async () => {
    await put();
    await expect(storeOf().put(Readable.from([bytes]), { maxBytes: 3 })).rejects.toThrow(RangeError);
    await expect(put(storeOf({ secret: "a wrong one" }))).rejects.toThrow("403");
    expect(await readdir(join(host.scratchFolder, "s3"))).toEqual([]);
  });

  it("gives up parts that can't be completed, so that nobody pays for them", async () => {
    server.interrupt((request, response) => {
      if (!request.url?.includes("partNumber=2")) return false;
      response.writeHead(400).end("<Error><Code>EntityTooLarge</Code></Error>");
      return true;
    });
    await expect(put(storeOf({ partBytes: 16 }))).rejects.toThrow("S3 answered 400 EntityTooLarge");
    expect(server.open.size).toBe(0);
    expect(server.objects.size).toBe(0);
  });

  it("believes no completion that failed after its 200", async () => {
    server.interrupt((request, response) => {
      if (request.method !== "POST" || !request.url?.includes("uploadId")) return false;
      response.end("<Error><Code>InternalError</Code></Error>");
      return true;
    });
    await expect(put(storeOf({ partBytes: 16 }))).rejects.toThrow("InternalError");
  });

  it("asks again where the server is busy, and says what it answered in the end", async () => {
    let left = 2;
    server.interrupt((_, response) => {
      if (left === 0) return false;
      left -= 1;
      response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>");
      return true;
    });
    expect(await put()).toEqual({ sha256, bytes: bytes.length });
    server.interrupt((_, response) => {
      response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>");
      return true;
    });
    const failed = storeOf().stat(sha256);
    await expect(failed).rejects.toMatchObject({ name: "InfrastructureError", code: "STORAGE_FAILED" });
    await expect(failed).rejects.toThrow(/^HEAD at 127\.0\.0\.1:\d+ failed: S3 answered 503$/);
  });

  it("takes a download up where it broke", async () => {
    await put();
    let broken = false;
    server.interrupt((request, response) => {
      if (broken || request.method !== "GET") return false;
      broken = true;
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 12), () => response.destroy());
      return true;
    });
    const stream = await storeOf().open(sha256);
    expect(stream && (await buffer(stream))).toEqual(bytes);
    expect(server.requests.filter((line) => line.startsWith("GET"))).toHaveLength(2);
  });

  it("gives up on an object whose rest never comes, though every answer ends well", async () => {
    const { sha256 } = await storeOf().put(Readable.from([Buffer.alloc(100, 1)]), { maxBytes: 100 });
    server.interrupt((request, response) => {
      if (request.method !== "GET") return false;
      const resumed = request.headers.range !== undefined;
      response.writeHead(resumed ? 206 : 200, { "content-length": resumed ? 0 : 100 });
      if (resumed) response.end();
      else response.write(Buffer.alloc(12, 1), () => response.destroy());
      return true;
    });
    const stream = await storeOf().open(sha256);
    await expect(stream && buffer(stream)).rejects.toThrow("ends after 12 of 100 bytes");
  });

  it("hands out no object that is not what was stored", async () => {
    await put();
    for (const path of server.objects.keys()) server.objects.set(path, Buffer.from("x".repeat(bytes.length)));
    const stream = await storeOf().open(sha256);
    await expect(stream && buffer(stream)).rejects.toThrow("is not what was stored");
    const copy = join(host.scratchFolder, "copy");
    await expect(storeOf().copyTo(sha256, copy)).rejects.toThrow("is not what was stored");
    expect(await readdir(host.scratchFolder)).not.toContain("copy");
  });

  it("is refused with another secret, and says no secret when it is", async () => {
    const refused = put(storeOf({ secret: "a wrong one" }));
    await expect(refused).rejects.toThrow("S3 answered 403 SignatureDoesNotMatch");
    await expect(refused).rejects.not.toThrow(/wrong one|AKID|Signature=/);
  });

  it("reads its credentials for each request, so that they can be replaced", async () => {
    const credentialsFile = join(host.dataFolder, "credentials.json");
    const options = { endpoint: server.url, bucket: "models", region, credentialsFile };
    const store = s3ArtifactStore.create(s3ArtifactStore.options.parse(options), host);
    await writeFile(credentialsFile, JSON.stringify({ ...credentials, secretAccessKey: "old" }));
    await expect(store.stat(sha256)).rejects.toThrow("403");
    await writeFile(credentialsFile, JSON.stringify(credentials));
    expect(await store.stat(sha256)).toBeNull();
    expect(server.requests.at(-1)).toBe(`HEAD /models/sha256/${sha256.slice(0, 2)}/${sha256}`);
  });

  it.concurrent.each([
    ["too few fields", JSON.stringify({ secretAccessKey: "the secret" })],
    ["no JSON", '{"accessKeyId": "AKID", "secretAccessKey": the secret}'],
  ])("says which file of credentials has %s, and nothing of what is in it", async (what, content) => {
    const credentialsFile = join(host.dataFolder, `${what}.json`);
    await writeFile(credentialsFile, content);
    const options = { endpoint: server.url, bucket: "models", credentialsFile };
    const refused = s3ArtifactStore.create(s3ArtifactStore.options.parse(options), host).stat(sha256);
    await expect(refused).rejects.toThrow(`${credentialsFile}: expected {`);
    await expect(refused).rejects.not.toThrow(/the sec/);
  });
});
