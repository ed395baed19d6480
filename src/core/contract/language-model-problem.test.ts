import { expect, it } from "vitest";
import { languageModelProblem } from "./language-model-problem.ts";

it.each([
  ["a Llama", { architectures: ["LlamaForCausalLM"] }],
  ["a config that does not say", { vocab_size: 3 }],
])("lets types of text take %s", (_, config) => {
  expect(languageModelProblem(config)).toBeNull();
});

it.each([
  ["a diffusion transformer", { architectures: ["GradientsTinyDit"] }, "GradientsTinyDit"],
  ["a diffusion pipeline", { _class_name: "FluxPipeline" }, "FluxPipeline"],
])("keeps types of text from %s", (_, config, name) => {
  expect(languageModelProblem(config)).toContain(name);
});
