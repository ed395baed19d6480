import { createHash, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { copyFile, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { LiveArtifactStore, StoredBlob } from "../../core/contract/index.ts";
import { removeAbandoned } from "./incoming.ts";

const sha256Hex = /^[0-9a-f]{64}$/;

/**
 * A content-addressed store: `sha256/<2 hex>/<64 hex>` under `folder`. A blob appears under its name only when all of its
 * bytes are on disk (written aside, synced, renamed), so a crash leaves either the whole blob or none.
 */
export function createBlobFolder(folder: string): LiveArtifactStore {
  const incoming = join(folder, "incoming");
  mkdirSync(incoming, { recursive: true });
  removeAbandoned(incoming);
  const pathOf = (sha256: string) => join(folder, "sha256", sha256.slice(0, 2), sha256);

  async function statBlob(sha256: string): Promise<StoredBlob | null> {
    if (!sha256Hex.test(sha256)) return null;
    const found = await stat(pathOf(sha256)).catch(absent);
    return found?.isFile() ? { sha256, bytes: found.size } : null;
  }

  return {
    async put(bytes, { maxBytes }) {
      const aside = join(incoming, randomUUID());
      // A stream may fail before it is read; the loop over it throws that error, an event without a listener ends the process.
      bytes.on("error", () => {});
      try {
        const blob = await writeHashed(bytes, aside, maxBytes);
        const path = pathOf(blob.sha256);
        await mkdir(dirname(path), { recursive: true });
        await rename(aside, path);
        await syncFolder(dirname(path));
        return blob;
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
    },
    async open(sha256) {
      if (!sha256Hex.test(sha256)) return null;
      // A blob that is removed while it is read stays readable through its handle.
      const file = await open(pathOf(sha256)).catch(absent);
      return file && file.createReadStream();
    },
    async copyTo(sha256, path) {
      if (!(await statBlob(sha256))) throw new Error(`the artefact store has no blob ${sha256}`);
      await mkdir(dirname(path), { recursive: true });
      await copyFile(pathOf(sha256), path);
    },
    stat: statBlob,
    async remove(sha256, { putBefore } = {}) {
      if (!sha256Hex.test(sha256)) return;
      // Each put makes a file of its own, so the file's time is that of the last one.
      const found = putBefore && (await stat(pathOf(sha256)).catch(absent));
      if (found && putBefore && found.mtimeMs >= putBefore.getTime()) return;
      await rm(pathOf(sha256), { force: true });
    },
  };
}

async function writeHashed(bytes: Readable, path: string, maxBytes: number): Promise<StoredBlob> {
  const hash = createHash("sha256");
  let total = 0;
  await using file = await open(path, "wx");
  // Leaving the loop by a throw destroys the stream, so nobody goes on sending.
  for await (const chunk of bytes) {
    const data: Buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    total += data.byteLength;
    if (total > maxBytes) throw new RangeError(`expected at most ${maxBytes} bytes, more have arrived`);
    hash.update(data);
    await file.writeFile(data);
  }
  await file.sync();
  return { sha256: hash.digest("hex"), bytes: total };
}

/** A rename is safe on disk only when the folder is. */
async function syncFolder(path: string): Promise<void> {
  // Windows has no handles on folders and orders renames by itself.
  if (process.platform === "win32") return;
  await using folder = await open(path, "r");
  await folder.sync();
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}
