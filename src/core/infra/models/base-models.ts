import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BaseModelInfo, BaseModels, Log } from "../../app/ports.ts";
import { compareIds } from "../../domain/index.ts";
import { findModelFiles } from "./model-files.ts";
import { readModel } from "./read-model.ts";

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}$/;

interface Cached {
  /** Paths, sizes and times of the files: another state is another model. */
  readonly state: string;
  readonly model: Promise<BaseModelInfo>;
}

/** The BaseModels port over folders of models, `<folder>/<owner>/<name>` each; the first folder that has one wins. */
export function createBaseModels(folders: readonly string[], log: Log): BaseModels {
  const cache = new Map<string, Cached>();

  const load = async (root: string, repo: string): Promise<BaseModelInfo | null> => {
    const path = join(root, repo);
    try {
      const files = await findModelFiles(path, root);
      if (files.length === 0) return null;
      const state = JSON.stringify(files);
      const cached = cache.get(path);
      const model = cached?.state === state ? cached.model : readModel(repo, path, files);
      cache.set(path, { state, model });
      return await model;
    } catch (error) {
      // Reading it may have failed for a passing reason.
      cache.delete(path);
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      log.warn("a model folder can't be used", { path, error: String(error) });
      return null;
    }
  };

  return {
    async find(repo, revision) {
      const [owner = "", name = "", ...more] = repo.split("/");
      if (more.length > 0 || !NAME.test(owner) || !NAME.test(name)) return null;
      for (const root of folders) {
        const model = await load(root, repo);
        if (model && (revision === null || model.revision === revision)) return model;
      }
      return null;
    },
    async list() {
      const models = new Map<string, BaseModelInfo>();
      for (const root of folders) {
        for (const repo of await reposIn(root)) {
          const model = models.has(repo) ? null : await load(root, repo);
          if (model) models.set(repo, model);
        }
      }
      return [...models.values()].sort((a, b) => compareIds(a.repo, b.repo));
    },
  };
}

async function reposIn(root: string): Promise<string[]> {
  const repos: string[] = [];
  for (const owner of await names(root)) for (const name of await names(join(root, owner))) repos.push(`${owner}/${name}`);
  return repos;
}

async function names(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries.filter((entry) => NAME.test(entry));
}
