import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { JsonObject } from "../../contract/index.ts";
import type { FoundFile } from "./model-files.ts";

/** Which of a model's files say what it is, and which hold the weights that are trained. */
export interface ModelLayout {
  readonly config: JsonObject;
  readonly contextLength: number;
  readonly weights: readonly FoundFile[];
}

const Config = z.record(z.string(), z.json());
const Known = z.object({ max_position_embeddings: z.int().positive() });

/** Folders of a pipeline that hold what takes noise off. */
const DENOISERS = ["transformer", "unet"];

/**
 * One folder with config.json beside its weights, or a pipeline of diffusers: model_index.json with a folder for each part,
 * of which the denoising module is the one that is trained. A pipeline's config is that module's with the pipeline's own
 * keys over it, its context the tokens that its first text encoder reads.
 *
 * @throws {Error} that says what is missing.
 */
export async function readLayout(path: string, found: readonly FoundFile[]): Promise<ModelLayout> {
  const read = async (name: string): Promise<JsonObject> => {
    const file = found.find((one) => one.path === name);
    if (!file) throw new Error(`${path}: expected ${name}`);
    return Config.parse(JSON.parse(await readFile(file.absolute, "utf8")));
  };
  const weightsIn = (folder: string): readonly FoundFile[] => {
    const inside = found.filter(({ path: file }) => file.startsWith(folder) && file.endsWith(".safetensors"));
    const weights = inside.filter(({ path: file }) => !file.slice(folder.length).includes("/"));
    if (weights.length === 0) throw new Error(`${path}: expected .safetensors files in ${folder || "it"}`);
    return weights;
  };
  if (!found.some((file) => file.path === "model_index.json")) {
    const config = await read("config.json");
    return { config, contextLength: Known.parse(config).max_position_embeddings, weights: weightsIn("") };
  }
  const denoiser = DENOISERS.find((name) => found.some((file) => file.path === `${name}/config.json`));
  if (denoiser === undefined) throw new Error(`${path}: expected a pipeline with ${DENOISERS.join(" or ")}`);
  return {
    config: { ...(await read(`${denoiser}/config.json`)), ...(await read("model_index.json")) },
    contextLength: Known.parse(await read("text_encoder/config.json")).max_position_embeddings,
    weights: weightsIn(`${denoiser}/`),
  };
}
