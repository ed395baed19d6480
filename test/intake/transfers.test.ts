import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UploadRecord } from "../../src/core/app/index.ts";
import { signDownload } from "../../src/core/app/downloads/download-link.ts";
import { suspendMiner } from "../../src/core/app/miners/suspend-miner.ts";
import { completeUpload } from "../../src/core/app/uploads/complete-upload.ts";
import { uploadProgress } from "../../src/core/app/uploads/upload-progress.ts";
import { transferRoutes } from "../../src/schema/transfer-routes.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { anOperator } from "../life/a-market.ts";
import { aModel, open, sha256Of } from "./an-upload.ts";
import { anAssignment } from "./an-assignment.ts";
import { valueOf } from "./result.ts";
import { tinyBases } from "./tiny-base.ts";

const test = withTestApp({ parts: { bases: tinyBases } });
const servers: Server[] = [];
let origin: string;

async function serve(transferIdleMs: number): Promise<string> {
  const server = express().use(transferRoutes(test.app, { transferIdleMs })).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a text
  return `http://127.0.0.1:${port}`;
}

beforeAll(async () => {
  origin = await serve(60_000);
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

const WEIGHTS = aModel()["model.safetensors"] ?? Buffer.alloc(0);

/** An upload of a whole model, and the address of its weights. */
async function anUpload() {
  const at = await anAssignment(test.app);
  const upload = valueOf(await open(test.app, at));
  const urls = (await uploadProgress(test.app, upload)).map(({ url }) => `${origin}${url}`);
  return { at, upload, config: urls[0] ?? "", weights: urls[1] ?? "" };
}

const put = (url: string, bytes: Buffer, offset: number) =>
  fetch(url, { method: "PUT", headers: { "Upload-Offset": String(offset) }, body: new Uint8Array(bytes) });

const offsetOf = async (url: string) => (await fetch(url, { method: "HEAD" })).headers.get("upload-offset");

/** Sends the beginning of a file and cuts the line. */
async function cutOff(upload: UploadRecord, url: string, bytes: Buffer): Promise<void> {
  const sending = request(url, { method: "PUT", headers: { "Content-Length": WEIGHTS.length, "Upload-Offset": 0 } });
  sending.on("error", () => undefined);
  sending.write(bytes);
  await expect.poll(() => test.app.uploadParts.received(upload.id, 1)).toBe(bytes.length);
  sending.destroy();
}

describe("an upload over HTTP", () => {
  it("whose sender stalls is cut off, and goes on from what has arrived", async () => {
    const impatient = await serve(30);
    const { upload, weights } = await anUpload();
    const url = weights.replace(origin, impatient);
    const headers = { "Content-Length": WEIGHTS.length, "Upload-Offset": 0 };
    const stall = async (): Promise<number> => {
      const stalled = request(url, { method: "PUT", headers });
      stalled.write(WEIGHTS.subarray(0, 20));
      await expect(once(stalled, "close")).rejects.toThrow("socket hang up");
      return test.app.uploadParts.received(upload.id, 1);
    };
    // A busy machine may cut the line before it has looked at what came.
    await expect.poll(stall).toBe(20);
    expect((await put(weights, WEIGHTS.subarray(20), 20)).status).toBe(204);
  });

  it("goes on after a cut line, at the offset that HEAD tells", async () => {
    const { at, upload, config, weights } = await anUpload();
    await cutOff(upload, weights, WEIGHTS.subarray(0, 100));
    expect(await offsetOf(weights)).toBe("100");
    expect((await put(weights, WEIGHTS.subarray(100), 100)).status).toBe(204);
    expect((await put(config, aModel()["config.json"] ?? Buffer.alloc(0), 0)).status).toBe(204);
    expect(valueOf(await completeUpload(test.app, at.miner, { uploadId: upload.id })).status).toBe("COMPLETE");
  });

  it("is taken over by a new connection while the old one hangs", async () => {
    const { upload, weights } = await anUpload();
    const hanging = request(weights, {
      method: "PUT",
      headers: { "Content-Length": WEIGHTS.length, "Upload-Offset": 0 },
    });
    hanging.on("error", () => undefined);
    const answered = once(hanging, "response");
    hanging.write(WEIGHTS.subarray(0, 50));
    await expect.poll(() => test.app.uploadParts.received(upload.id, 1)).toBe(50);
    expect((await put(weights, WEIGHTS.subarray(50), 50)).status).toBe(204);
    const [answer] = await answered;
    expect(answer.statusCode).toBe(409);
    expect(await json(answer)).toMatchObject({ error: { code: "UPLOAD_TAKEN_OVER" } });
    hanging.destroy();
    expect(await offsetOf(weights)).toBe(String(WEIGHTS.length));
  });

  it.each([
    ["another offset", 7, Buffer.alloc(1), 409, "UPLOAD_OFFSET_MISMATCH"],
    ["more bytes than announced", 0, Buffer.alloc(10_000), 413, "UPLOAD_TOO_LARGE"],
  ])("refuses %s", async (_, offset, bytes, status, code) => {
    const { weights } = await anUpload();
    const response = await put(weights, bytes, offset);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(await offsetOf(weights)).toBe("0");
  });

  it.each([
    ["a changed signature", (url: string) => url.replace("signature=", "signature=x"), 403],
    ["a changed end", (url: string) => url.replace(/expires=\d/, "expires=9"), 403],
    ["no signature", (url: string) => url.replace(/\?.*/, ""), 403],
    ["another file's link", (url: string) => url.replace("/1?", "/0?"), 403],
    ["an odd index", (url: string) => url.replace("/1?", "/..%2F..%2F1?"), 403],
  ])("refuses %s", async (_, change, status) => {
    const { weights } = await anUpload();
    expect((await put(change(weights), Buffer.alloc(1), 0)).status).toBe(status);
  });

  it("refuses an offset that is no number", async () => {
    const { weights } = await anUpload();
    const response = await fetch(weights, { method: "PUT", headers: { "Upload-Offset": "1e3" }, body: "x" });
    expect(response.status).toBe(400);
  });
});

describe("a download over HTTP", () => {
  it("gives the bytes of a signed link, and nothing without its signature", async () => {
    const { at, upload, config, weights } = await anUpload();
    await put(config, aModel()["config.json"] ?? Buffer.alloc(0), 0);
    await put(weights, WEIGHTS, 0);
    valueOf(await completeUpload(test.app, at.miner, { uploadId: upload.id }));
    const soon = new Date(test.clock.now().getTime() + 1000);
    const url = `${origin}${signDownload(test.app, sha256Of(WEIGHTS), "model.safetensors", soon)}`;
    const response = await fetch(url);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(WEIGHTS);
    expect((await fetch(url.replace(/signature=.*/, ""))).status).toBe(403);
  });
});

describe("the links of a suspended miner", () => {
  it("stop working, to send and to fetch, until he is let in again", async () => {
    const { at, upload, config, weights } = await anUpload();
    await put(config, aModel()["config.json"] ?? Buffer.alloc(0), 0);
    await put(weights, WEIGHTS, 0);
    valueOf(await completeUpload(test.app, at.miner, { uploadId: upload.id }));
    const other = await anUpload();
    const soon = new Date(test.clock.now().getTime() + 1000);
    const own = `${origin}${signDownload(test.app, sha256Of(WEIGHTS), "w", soon, other.at.miner.minerId)}`;
    const suspend = (suspended: boolean) =>
      suspendMiner(test.app, anOperator, { minerId: other.at.miner.minerId, suspended });
    valueOf(await suspend(true));
    const refused = [
      await fetch(own),
      await put(other.weights, WEIGHTS, 0),
      await fetch(other.config, { method: "HEAD" }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(await refused[0]?.json()).toMatchObject({ error: { code: "MINER_SUSPENDED" } });
    expect((await fetch(own.replace(/&for=[^&]*/, ""))).status).toBe(403);
    expect((await put(weights, Buffer.alloc(1), 0)).status).toBe(410);
    valueOf(await suspend(false));
    expect((await fetch(own)).status).toBe(200);
    expect((await put(other.weights, WEIGHTS, 0)).status).toBe(204);
  });
});
