import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileSha256 } from "../file-digest.ts";

/** Revisions that were computed, by folder: reading a large model again for each offer would take minutes. */
const revisions = new Map<string, Promise<string>>();

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
  const revision = revisions.get(repo) ?? modelRevision(repo);
  revisions.set(repo, revision);
  return (await revision) === base.revision ? repo : null;
}

/** The first 40 hex digits of sha256 over the paths and digests of a model's files (links are followed), hidden ones left out. */
async function modelRevision(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.split("/").some((part) => part.startsWith(".")))
    .sort();
  const hash = createHash("sha256");
  for (const path of paths) hash.update(`${path}\0${await fileSha256(join(folder, path))}\n`);
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
