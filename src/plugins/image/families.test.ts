import { describe, expect, it } from "vitest";
import { image } from "./index.ts";

const facts = { taskId: "", parameterCount: 0, rows: 306, contextLength: 80 };
const optionsFor = (baseConfig: Record<string, string>, spec: unknown = {}) =>
  image.objective(image.spec.parse(spec), { ...facts, baseConfig }).options;

describe("families of image models", () => {
  it("have a usual noise level, number of steps and crop each", () => {
    expect(optionsFor({ _class_name: "StableDiffusionXLPipeline" })).toMatchObject({
      strengths: [0.9],
      steps: 20,
      sideMultiple: 8,
      seeds: 10,
    });
    expect(optionsFor({ _class_name: "FluxPipeline" })).toMatchObject({ strengths: [0.75], steps: 35 });
    expect(optionsFor({ model_type: "gradients-tiny-dit" })).toMatchObject({ strengths: [0.9], steps: 8 });
  });

  it("leave a task its own noise level, draws and steps", () => {
    const options = optionsFor({ _class_name: "FluxPipeline" }, { strength: 0.4, seeds: 3, steps: 5 });
    expect(options).toMatchObject({ strengths: [0.4], seeds: 3, steps: 5 });
  });

  it("share the paper's benchmark: nine noise levels with ten draws each", () => {
    const options = optionsFor({ model_type: "gradients-tiny-dit" }, { profile: "paper-benchmark" });
    expect(options).toMatchObject({ strengths: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], seeds: 10 });
  });

  it("are all there is: a language model is refused with their names", () => {
    expect(image.baseProblem?.({ model_type: "gradients-tiny-dit" })).toBeNull();
    expect(image.baseProblem?.({ model_type: "llama" })).toMatch(/^expected .*sdxl.*flux.*tiny-dit.*found "llama"$/);
  });
});
