import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { compareIds } from "../../domain/index.ts";

export interface ModelFile {
  /** Relative to the model's folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A file that was found, before it is read. */
export interface FoundFile {
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
  readonly changedAtMs: number;
}

/**
 * The files of a model in the order of their paths. Hidden ones are left out, and links that lead out of `root`: a model
 * folder must not publish what lies elsewhere.
 */
export async function findModelFiles(folder: string, root: string): Promise<readonly FoundFile[]> {
  const inside = `${await realpath(root)}${sep}`;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: FoundFile[] = [];
  for (const entry of entries) {
    const absolute = join(entry.parentPath, entry.name);
    const path = relative(folder, absolute).split(sep).join("/");
    if (entry.isDirectory() || path.split("/").some((part) => part.startsWith("."))) continue;
    const target = await realpath(absolute).catch(() => null);
    if (!target?.startsWith(inside)) continue;
    const facts = await stat(target);
    if (facts.isFile()) found.push({ path, absolute, bytes: facts.size, changedAtMs: facts.mtimeMs });
  }
  return found.sort((a, b) => compareIds(a.path, b.path));
}

/** Reads a file to its end for its digest. */
export async function digestFile({ path, absolute, bytes }: FoundFile): Promise<ModelFile> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(absolute), hash);
  return { path, bytes, sha256: hash.digest("hex") };
}

/** A model's revision: the first 40 hex digits of sha256 over its files' paths and digests, in the order of paths. */
export function revisionOf(files: readonly ModelFile[]): string {
  const hash = createHash("sha256");
  for (const { path, sha256 } of files) hash.update(`${path}\0${sha256}\n`);
  return hash.digest("hex").slice(0, 40);
}
