import { expect, it } from "vitest";
import { createLlamaConfig, parseLlamaConfig } from "../../evaluators/embedded/engine/llama-config.ts";

const sizes = { vocab_size: 8, hidden_size: 8, intermediate_size: 8, num_hidden_layers: 1, num_attention_heads: 2 };
const older = createLlamaConfig({ ...sizes, max_position_embeddings: 16, rope_theta: 20_000 });
const { rope_theta: theta, ...rest } = older;

it("finds rope_theta where transformers 5 writes it", () => {
  const newer = { ...rest, rope_parameters: { rope_theta: theta, rope_type: "default" } };
  expect(parseLlamaConfig(newer).rope_theta).toBe(20_000);
  expect(parseLlamaConfig({ ...newer, rope_theta: 1 }).rope_theta).toBe(20_000);
});

it.each([
  ["no rope_theta", {}],
  ["a scaled rope", { rope_theta: theta, rope_parameters: { rope_type: "linear", factor: 2, rope_theta: theta } }],
  ["a part of a rope", { rope_theta: theta, rope_parameters: { partial_rotary_factor: 0.5 } }],
])("refuses %s", (_, change) => {
  expect(() => parseLlamaConfig({ ...rest, ...change })).toThrow(/rope/);
});
