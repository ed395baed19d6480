import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lstat, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { LiveArtifactStore } from "../artifact-store.ts";
import { check, type Check } from "./check.ts";
import { createTestHost, type TestHost } from "./test-host.ts";

/** Makes the store under test with a host whose folders are empty. */
export type MakeStore = (host: TestHost) => LiveArtifactStore;

const content = Buffer.from("a model, or what goes for one");
const sha256 = createHash("sha256").update(content).digest("hex");
const unknown = "0".repeat(64);
const unlimited = { maxBytes: 1_000_000 };
const inChunks = (bytes: Buffer) => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]);

/** All that the kit checks of an artefact store; each check throws when it does not hold. */
export function artifactStoreChecks(make: MakeStore): readonly Check[] {
  const storeCheck = (name: string, run: (store: LiveArtifactStore, host: TestHost) => Promise<void>) =>
    check(name, async () => {
      await using host = await createTestHost();
      await run(make(host), host);
    });
  return [
    storeCheck("keeps bytes under their sha256 and gives them back", async (store) => {
      assert.deepEqual(await store.put(inChunks(content), unlimited), { sha256, bytes: content.length });
      assert.deepEqual(await store.stat(sha256), { sha256, bytes: content.length });
      assert.deepEqual(await readAll(await store.open(sha256)), content);
    }),
    storeCheck("keeps an empty blob", async (store) => {
      const { sha256: name, bytes } = await store.put(Readable.from([]), unlimited);
      assert.equal(name, createHash("sha256").digest("hex"));
      assert.equal(bytes, 0);
      assert.equal((await readAll(await store.open(name))).length, 0);
    }),
    storeCheck("reads the bytes of a blob that is there already", async (store) => {
      await store.put(inChunks(content), unlimited);
      const again = inChunks(content);
      assert.equal((await store.put(again, unlimited)).sha256, sha256);
      assert(again.readableEnded, "the stream was not read to its end");
      assert.deepEqual(await readAll(await store.open(sha256)), content);
    }),
    storeCheck("keeps one blob when the same bytes arrive many times at once", async (store) => {
      const puts = await Promise.all(Array.from({ length: 8 }, () => store.put(inChunks(content), unlimited)));
      assert(puts.every((blob) => blob.sha256 === sha256));
      assert.deepEqual(await readAll(await store.open(sha256)), content);
    }),
    storeCheck("takes as many bytes as allowed and not one more", async (store) => {
      await store.put(inChunks(content), { maxBytes: content.length });
      await store.remove(sha256);
      await assert.rejects(store.put(inChunks(content), { maxBytes: content.length - 1 }), RangeError);
      assert.equal(await store.stat(sha256), null, "what was too long must not be kept");
    }),
    storeCheck("keeps nothing of a stream that breaks off", async (store) => {
      const broken = Readable.from(
        (async function* () {
          yield content;
          throw new Error("the connection broke");
        })(),
      );
      await assert.rejects(store.put(broken, unlimited), /the connection broke/);
      assert.equal(await store.stat(sha256), null);
    }),
    storeCheck("survives a stream that has failed before it is read", async (store) => {
      const failed = Readable.from([content]).destroy(new Error("the file is gone"));
      let listeners = 0;
      failed.on("error", () => (listeners = failed.listenerCount("error")));
      await assert.rejects(store.put(failed, unlimited), /the file is gone/);
      assert(listeners > 1, "an error event that put does not listen to would end the process");
      assert.equal(await store.stat(sha256), null);
    }),
    storeCheck("copies a blob to a file that later changes don't reach", async (store, host) => {
      await store.put(inChunks(content), unlimited);
      const path = join(host.scratchFolder, "a", "copy");
      await store.copyTo(sha256, path);
      assert.deepEqual(await readFile(path), content);
      assert(
        (await lstat(path)).isFile() && (await stat(path)).nlink === 1,
        "the copy must be a file of its own, not a link",
      );
      await store.remove(sha256);
      assert.deepEqual(await readFile(path), content);
    }),
    storeCheck("knows nothing of a blob that was never put, or was removed", async (store, host) => {
      await store.put(inChunks(content), unlimited);
      await store.remove(sha256);
      await store.remove(sha256);
      for (const name of [sha256, unknown]) {
        assert.equal(await store.open(name), null);
        assert.equal(await store.stat(name), null);
        await assert.rejects(store.copyTo(name, join(host.scratchFolder, "copy")));
      }
    }),
    storeCheck("leaves a blob alone that somebody has put since", async (store) => {
      const hourMs = 60 * 60 * 1000;
      await store.put(inChunks(content), unlimited);
      await store.remove(sha256, { putBefore: new Date(Date.now() - hourMs) });
      assert.deepEqual(await readAll(await store.open(sha256)), content);
      await store.remove(sha256, { putBefore: new Date(Date.now() + hourMs) });
      assert.equal(await store.stat(sha256), null);
      await store.remove(sha256, { putBefore: new Date(Date.now() + hourMs) });
    }),
    storeCheck("takes no name but a sha256", async (store, host) => {
      for (const name of ["", "..", "../../etc/passwd", sha256.toUpperCase(), `${sha256}/..`, sha256.slice(1)]) {
        assert.equal(await store.open(name), null);
        assert.equal(await store.stat(name), null);
        await assert.rejects(store.copyTo(name, join(host.scratchFolder, "copy")));
        await store.remove(name);
      }
    }),
    check("keeps its blobs over a restart", async () => {
      await using host = await createTestHost();
      await make(host).put(inChunks(content), unlimited);
      assert.deepEqual(await readAll(await make(host).open(sha256)), content);
    }),
  ];
}

async function readAll(stream: Readable | null): Promise<Buffer> {
  assert(stream, "the blob is missing");
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
