/** Reading sealed models from where their miners say that they are: the adapter for the ModelSources port. */
export { createModelSources } from "./model-sources.ts";
