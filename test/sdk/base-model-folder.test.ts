import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createBaseModels } from "../../src/core/infra/models/index.ts";
import { findBaseModel } from "../../src/sdk/miner/index.ts";
import { silentLog } from "../infra/silent-log.ts";

const repo = "gradients-demo/tiny-llama";
const shipped = join(import.meta.dirname, "..", "..", "models");
const folder = mkdtempSync(join(tmpdir(), "gradients-bases-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function revision(): Promise<string> {
  const base = await createBaseModels([shipped], silentLog).find(repo, null);
  if (base === null) throw new Error(`${repo} is not in ${shipped}`);
  return base.revision;
}

function aCopy(name: string, inside = ""): string {
  const models = join(folder, name);
  cpSync(join(shipped, repo), join(models, repo, inside), { recursive: true });
  return models;
}

it("a miner finds the revision that the server names by the files themselves", async () => {
  const models = aCopy("same");
  expect(await findBaseModel(models, { repo, revision: await revision() })).toBe(join(models, repo));
});

it("follows links and looks past hidden files and links to nothing, as the server does", async () => {
  const models = join(folder, "linked");
  mkdirSync(join(models, repo), { recursive: true });
  for (const file of readdirSync(join(shipped, repo))) symlinkSync(join(shipped, repo, file), join(models, repo, file));
  writeFileSync(join(models, repo, ".gitattributes"), "*.safetensors filter=lfs\n");
  symlinkSync(join(folder, "gone"), join(models, repo, "gone.md"));
  expect(await findBaseModel(models, { repo, revision: await revision() })).toBe(join(models, repo));
});

it("does not take other files for it", async () => {
  const models = aCopy("other");
  writeFileSync(join(models, repo, "config.json"), "{}");
  expect(await findBaseModel(models, { repo, revision: await revision() })).toBeNull();
});

it("sees files that were put there after it had looked", async () => {
  const models = aCopy("late");
  rmSync(join(models, repo, "tokenizer.json"));
  expect(await findBaseModel(models, { repo, revision: await revision() })).toBeNull();
  aCopy("late");
  expect(await findBaseModel(models, { repo, revision: await revision() })).toBe(join(models, repo));
});

it("believes a folder that is named after the revision", async () => {
  const models = aCopy("named", "main-of-june");
  expect(await findBaseModel(models, { repo, revision: "main-of-june" })).toBe(join(models, repo, "main-of-june"));
});

it("has none where there is no model, wherever a repo's name points", async () => {
  const named = { repo: "../../gradients-demo/tiny-llama", revision: await revision() };
  expect(await findBaseModel(join(folder, "same", "none", "such"), named)).toBeNull();
});
