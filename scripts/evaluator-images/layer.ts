import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, statSync } from "node:fs";
import { dirname } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Header, type Pack } from "tar-stream";
import { folderEntry, type ImageEntry } from "./image-entry.ts";

/** One layer of an image, as an uncompressed tar file of this machine. */
export interface Layer {
  /** `sha256:` and the digest of the tar file. */
  readonly diffId: string;
  readonly file: string;
  readonly bytes: number;
}

/**
 * Writes a layer whose bytes depend on nothing but its entries: sorted by path, owned by root, dated 1970. Folders that
 * entries lie in are added.
 */
export async function writeLayer(file: string, entries: readonly ImageEntry[]): Promise<Layer> {
  const tar = pack();
  const hash = createHash("sha256");
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await Promise.all([pipeline(tar, counted, createWriteStream(file)), addAll(tar, withFolders(entries))]);
  return { diffId: `sha256:${hash.digest("hex")}`, file, bytes: statSync(file).size };
}

async function addAll(tar: Pack, entries: readonly ImageEntry[]): Promise<void> {
  try {
    for (const entry of entries) await add(tar, entry);
    tar.finalize();
  } catch (error) {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function add(tar: Pack, entry: ImageEntry): Promise<void> {
  const header = { name: entry.path.slice(1), mode: entry.mode, mtime: new Date(0), uid: 0, gid: 0 };
  switch (entry.kind) {
    case "folder":
      return written(tar, { ...header, name: `${header.name}/`, type: "directory" });
    case "link":
      return written(tar, { ...header, type: "symlink", linkname: entry.target });
    case "text":
      return written(tar, { ...header, type: "file" }, entry.text);
    case "copy": {
      const size = statSync(entry.from).size;
      await pipeline(createReadStream(entry.from), tar.entry({ ...header, type: "file", size }));
    }
  }
}

function written(tar: Pack, header: Partial<Header> & { name: string }, text = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, text, (error) => (error ? reject(error) : resolve()));
  });
}

function withFolders(entries: readonly ImageEntry[]): readonly ImageEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const { path } of entries) {
    for (let folder = dirname(path); folder !== "/" && !byPath.has(folder); folder = dirname(folder))
      byPath.set(folder, folderEntry(folder));
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
