import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createBaseModels } from "../../src/core/infra/models/index.ts";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { safetensorsFile } from "../helpers/safetensors-file.ts";
import { silentLog } from "./silent-log.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "gradients-test-models-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const EMBED = { name: "model.embed_tokens.weight", shape: [4, 2], values: [1, 2, 3] };
const HEAD = { name: "lm_head.weight", shape: [4, 2], values: [1, 2, 3] };
const CONFIG = { max_position_embeddings: 128 };

const put = async (repo: string, config: object = CONFIG, tensors = [EMBED]): Promise<string> => {
  const folder = join(root, repo);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "model.safetensors"), safetensorsFile(tensors));
  return folder;
};
const models = (...folders: string[]) => createBaseModels(folders.length > 0 ? folders : [root], silentLog);

it("the models that come with the package are found", async () => {
  const found = await models(join(packageFolder, "models")).list();
  expect(found.map(({ repo }) => repo)).toContain("gradients-demo/tiny-llama");
  for (const { revision, parameterCount, contextLength } of found) {
    expect(revision).toMatch(/^[0-9a-f]{40}$/);
    expect(parameterCount).toBeGreaterThan(100_000);
    expect(contextLength).toBeGreaterThan(0);
  }
});

it("a model has its files with digests, and the digests of its tensors", async () => {
  const folder = await put("owner/name");
  const model = await models().find("owner/name", null);
  expect(model).toMatchObject({
    repo: "owner/name",
    path: folder,
    parameterCount: 8,
    contextLength: 128,
    config: CONFIG,
  });
  expect(model?.files.map(({ path }) => path)).toEqual(["config.json", "model.safetensors"]);
  expect([...((await model?.tensorDigests()) ?? [])].map(([name, { shape }]) => [name, shape])).toEqual([
    [EMBED.name, [4, 2]],
  ]);
});

it("of a pipeline, the denoising module is the model", async () => {
  const folder = join(root, "owner", "pictures");
  const parts = {
    "model_index.json": { _class_name: "FluxPipeline", transformer: ["diffusers", "FluxTransformer2DModel"] },
    "transformer/config.json": { _class_name: "FluxTransformer2DModel", in_channels: 64 },
    "text_encoder/config.json": CONFIG,
  };
  for (const [name, value] of Object.entries(parts)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), JSON.stringify(value));
  }
  const weights = safetensorsFile([{ name: "proj_out.weight", shape: [4, 2], values: [1] }]);
  await writeFile(join(folder, "transformer", "diffusion_pytorch_model.safetensors"), weights);
  await writeFile(join(folder, "text_encoder", "model.safetensors"), safetensorsFile([EMBED]));
  const model = await models().find("owner/pictures", null);
  expect(model).toMatchObject({
    parameterCount: 8,
    contextLength: 128,
    config: { _class_name: "FluxPipeline", in_channels: 64 },
  });
  expect(model?.files).toHaveLength(5);
  expect([...((await model?.tensorDigests()) ?? new Map()).keys()]).toEqual(["proj_out.weight"]);
});

it("a tied output layer counts once, an untied one counts", async () => {
  await put("owner/tied", { ...CONFIG, tie_word_embeddings: true }, [EMBED, HEAD]);
  await put("owner/untied", CONFIG, [EMBED, HEAD]);
  expect((await models().list()).map(({ repo, parameterCount }) => [repo, parameterCount])).toEqual([
    ["owner/tied", 8],
    ["owner/untied", 16],
  ]);
});

it("the revision names the bytes: another content is another revision, and the old one is not found any more", async () => {
  const folder = await put("owner/name");
  const bases = models();
  const before = await bases.find("owner/name", null);
  expect(await bases.find("owner/name", before?.revision ?? "")).toBe(before);
  await writeFile(join(folder, "tokenizer.json"), "{}");
  const after = await bases.find("owner/name", null);
  expect(after?.revision).not.toBe(before?.revision);
  expect(await bases.find("owner/name", before?.revision ?? "")).toBeNull();
});

it("links that lead out of the folder are no part of a model", async () => {
  const folder = await put("owner/name");
  await symlink("/etc/hostname", join(folder, "hostname"));
  await writeFile(join(root, "shared.json"), "{}");
  await symlink(join(root, "shared.json"), join(folder, "tokenizer.json"));
  await writeFile(join(folder, ".hidden"), "");
  const model = await models().find("owner/name", null);
  expect(model?.files.map(({ path }) => path)).toEqual(["config.json", "model.safetensors", "tokenizer.json"]);
});

it.each(["../secret", "owner", "owner/name/more", "/etc/passwd", "owner/..", "ow ner/name", ""])(
  "there is no model %o",
  async (repo) => {
    await put("owner/name");
    expect(await models(join(root, "owner"), root).find(repo, null)).toBeNull();
  },
);

it("a folder that holds no model is left out of the list", async () => {
  await put("owner/good");
  await writeFile(join(await put("owner/broken"), "model.safetensors"), "not a model");
  await rm(join(await put("owner/without"), "config.json"));
  await writeFile(join(root, "readme"), "");
  expect((await models().list()).map(({ repo }) => repo)).toEqual(["owner/good"]);
});

it("the first folder that has a model wins", async () => {
  await put("first/owner/name");
  await put("second/owner/name", { max_position_embeddings: 64 });
  const bases = models(join(root, "first"), join(root, "second"), join(root, "missing"));
  expect((await bases.find("owner/name", null))?.contextLength).toBe(128);
  expect(await bases.list()).toHaveLength(1);
});
