import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { testArtifactStore } from "../../src/core/contract/testing/test-artifact-store.ts";
import { localArtifactStore } from "../../src/plugins/local-artifact-store/index.ts";

testArtifactStore("local", (host) => localArtifactStore.create(localArtifactStore.options.parse({}), host));

describe("local artefact store", () => {
  it("leaves nothing aside, whether a blob was kept or refused", async () => {
    await using host = await createTestHost();
    const store = localArtifactStore.create({ folder: join(host.dataFolder, "blobs") }, host);
    await store.put(Readable.from(["kept"]), { maxBytes: 10 });
    await expect(store.put(Readable.from(["refused"]), { maxBytes: 3 })).rejects.toThrow("expected at most 3 bytes");
    expect(await readdir(join(host.dataFolder, "blobs", "incoming"))).toEqual([]);
  });

  it("stops the sender as soon as the limit is passed", async () => {
    await using host = await createTestHost();
    const store = localArtifactStore.create({ folder: null }, host);
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          sent += 1;
          yield Buffer.alloc(1024);
        }
      })(),
    );
    await expect(store.put(endless, { maxBytes: 4096 })).rejects.toThrow(RangeError);
    expect(endless.destroyed).toBe(true);
    expect(sent).toBeLessThan(100);
  });

  it("removes at start what a killed process left a day ago, and nothing newer", async () => {
    await using host = await createTestHost();
    localArtifactStore.create({ folder: null }, host);
    const incoming = join(host.dataFolder, "blobs", "incoming");
    await writeFile(join(incoming, "abandoned"), "half a mod");
    await utimes(join(incoming, "abandoned"), 1, 1);
    await writeFile(join(incoming, "being-written"), "half a mod");
    localArtifactStore.create({ folder: null }, host);
    expect(await readdir(incoming)).toEqual(["being-written"]);
  });
});
