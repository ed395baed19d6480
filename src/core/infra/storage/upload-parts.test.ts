import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UploadParts } from "../../app/ports.ts";
import { createUploadParts } from "./index.ts";

const ID = "0e6f3a52-94a1-8c3e-9d4b-5a1c2b3d4e5f";
const bytesOf = (content: string) => Readable.from([Buffer.from(content)]);

describe("upload parts", () => {
  let folder: string;
  let parts: UploadParts;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gradients-parts-"));
    parts = createUploadParts(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const append = (content: string, offset: number, maxBytes = 100) =>
    parts.append(ID, 0, { offset, maxBytes, body: bytesOf(content) });

  it("grows by pieces and knows what it has after a restart", async () => {
    expect(await append("hello ", 0)).toEqual({ status: "appended", received: 6 });
    const again = createUploadParts(folder);
    expect(await again.received(ID, 0)).toBe(6);
    expect(await again.append(ID, 0, { offset: 6, maxBytes: 100, body: bytesOf("world") })).toMatchObject({
      received: 11,
    });
    expect(await text(await again.read(ID, 0))).toBe("hello world");
    expect(await again.sha256(ID, 0)).toBe(createHash("sha256").update("hello world").digest("hex"));
  });

  it("writes nothing at an offset that is not the end", async () => {
    await append("hello", 0);
    expect(await append("hello", 3)).toEqual({ status: "wrong-offset", received: 5 });
    expect(await append("hello", 7)).toEqual({ status: "wrong-offset", received: 5 });
    expect(await parts.received(ID, 0)).toBe(5);
  });

  it("takes back a piece that is longer than declared", async () => {
    await append("abc", 0);
    expect(await append("too much", 3, 5)).toEqual({ status: "too-long", received: 3 });
    expect(await parts.received(ID, 0)).toBe(3);
  });

  it("keeps what arrived before the connection broke", async () => {
    const body = Readable.from(
      (async function* () {
        yield Buffer.from("abc");
        await expect.poll(() => parts.received(ID, 0)).toBe(3);
        throw new Error("connection reset");
      })(),
    );
    const outcome = parts.append(ID, 0, { offset: 0, maxBytes: 100, body });
    expect(await outcome).toEqual({ status: "broken", received: 3 });
    expect(await parts.received(ID, 0)).toBe(3);
  });

  it("lets a new connection cut off a stalled one", async () => {
    const stalled = new PassThrough();
    const first = parts.append(ID, 0, { offset: 0, maxBytes: 100, body: stalled });
    const second = append("second", 0);
    expect(await first).toEqual({ status: "taken-over", received: 0 });
    // Its sender can still be answered.
    expect(stalled.destroyed).toBe(false);
    expect(await second).toEqual({ status: "appended", received: 6 });
  });

  it("has nothing of an upload that nobody sent, and refuses ids that are paths", async () => {
    expect(await parts.received(ID, 0)).toBe(0);
    expect(await createUploadParts(join(folder, "missing")).list()).toEqual([]);
    expect(() => parts.received("../../etc", 0)).toThrow(RangeError);
  });

  it("forgets a part, and an upload with all its parts", async () => {
    await append("abc", 0);
    await parts.drop(ID, 0);
    expect(await parts.received(ID, 0)).toBe(0);
    expect(await parts.list()).toEqual([ID]);
    await parts.dropUpload(ID);
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses to read a part that is not there, at once", async () => {
    await expect(parts.read(ID, 0)).rejects.toThrow("ENOENT");
  });
});
