import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** A file of a folder: its path with forward slashes, relative to the folder. */
export interface FolderFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** sha256 of a file's bytes as lower-case hex. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** All files below a folder with size and sha256, sorted by path. */
export async function listFolder(folder: string): Promise<readonly FolderFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths.map(async (path) => ({
    path: relative(folder, path).split(sep).join("/"),
    bytes: (await stat(path)).size,
    sha256: await fileSha256(path),
  }));
  return (await Promise.all(files)).sort((a, b) => (a.path < b.path ? -1 : 1));
}
