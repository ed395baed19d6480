export { createBaseModels } from "./base-models.ts";
