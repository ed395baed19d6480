import { createLlama, type Llama, loadAdapter, loadModel, loadWeightsLike, toAdapter } from "../engine/index.ts";
import type { ModelFamily } from "./model-family.ts";

/** Llama decoders in the Hugging Face layout. */
export const llamaFamily: ModelFamily<Llama> = {
  load(folder, training) {
    const { config, weights } = loadModel(folder);
    if (training === undefined) return createLlama(config, weights, { train: "none" });
    return createLlama(config, weights, training.method === "lora" ? training : {});
  },
  loadSubmission(base, { path, artifactKind, names }) {
    const { config } = base;
    if (artifactKind === "FULL") return createLlama(config, loadWeightsLike(path, config), { train: "none" });
    return base.withAdapter(toAdapter(loadAdapter(path, { config, ...(names === undefined ? {} : { names }) })));
  },
  contextLength: ({ config }) => config.max_position_embeddings,
  peftTaskType: "CAUSAL_LM",
};
