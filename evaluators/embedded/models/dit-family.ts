import { createDit, type Dit, ditLayers, loadDit } from "../diffusion/index.ts";
import { readAdapter, toAdapter } from "../engine/index.ts";
import type { ModelFamily } from "./model-family.ts";

/** Tiny diffusion transformers, see diffusion/dit-config.ts. */
export const ditFamily: ModelFamily<Dit> = {
  load(folder, training) {
    const { config, weights } = loadDit(folder);
    if (training === undefined) return createDit(config, weights, { train: "none" });
    return createDit(config, weights, training.method === "lora" ? training : {});
  },
  loadSubmission(base, { path, artifactKind, names }) {
    const { config } = base;
    if (artifactKind === "FULL") return createDit(config, loadDit(path, config).weights, { train: "none" });
    const layers = ditLayers(config);
    return base.withAdapter(toAdapter(readAdapter(path, { layers, ...(names === undefined ? {} : { names }) })));
  },
  contextLength: ({ config }) => config.text_length + (config.image_size / config.patch_size) ** 2,
  peftTaskType: null,
};
