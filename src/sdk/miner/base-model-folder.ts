import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileSha256 } from "../file-digest.ts";

/** What was computed last, by folder: reading a large model again for each offer would take minutes. */
const known = new Map<string, { readonly state: string; readonly revision: Promise<string> }>();

/**
 * Where a miner keeps a base model: `<models>/<repo>/<revision>`, or `<models>/<repo>` where its files are that revision;
 * null where it has neither, for what is trained on another base is worth nothing.
 */
export async function findBaseModel(
  models: string,
  base: { readonly repo: string; readonly revision: string },
): Promise<string | null> {
  const repo = join(models, ...base.repo.split("/").filter((part) => part !== "" && part !== "." && part !== ".."));
  const named = join(repo, base.revision);
  if (await isModel(named)) return named;
  if (!(await isModel(repo))) return null;
  return (await modelRevision(repo)) === base.revision ? repo : null;
}

/** The revision of the files as they are now (links are followed), hidden ones left out. */
async function modelRevision(folder: string): Promise<string> {
  const files: { readonly path: string; readonly bytes: number; readonly changedAtMs: number }[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const absolute = join(entry.parentPath, entry.name);
    const path = relative(folder, absolute).split(sep).join("/");
    if (entry.isDirectory() || path.split("/").some((part) => part.startsWith("."))) continue;
    const facts = await stat(absolute).catch(() => null);
    if (facts?.isFile() === true) files.push({ path, bytes: facts.size, changedAtMs: facts.mtimeMs });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const state = JSON.stringify(files);
  const last = known.get(folder);
  const revision = last?.state === state ? last.revision : digestFiles(folder, files);
  known.set(folder, { state, revision });
  revision.catch(() => known.delete(folder));
  return revision;
}

/** The first 40 hex digits of sha256 over paths and digests. */
async function digestFiles(folder: string, files: readonly { readonly path: string }[]): Promise<string> {
  const hash = createHash("sha256");
  for (const { path } of files) hash.update(`${path}\0${await fileSha256(join(folder, path))}\n`);
  return hash.digest("hex").slice(0, 40);
}

/** A model is one folder with config.json, or a pipeline with model_index.json. */
async function isModel(folder: string): Promise<boolean> {
  const isFile = (name: string): Promise<boolean> =>
    stat(join(folder, name)).then(
      (facts) => facts.isFile(),
      () => false,
    );
  return (await isFile("config.json")) || (await isFile("model_index.json"));
}
