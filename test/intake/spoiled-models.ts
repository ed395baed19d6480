import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readSafetensors, writeSafetensors } from "../../evaluators/embedded/engine/index.ts";

const ADAPTER = "adapter_config.json";
const WEIGHTS = "model.safetensors";
const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/** A change to a sound submission, in its folder. */
export type Spoil = (folder: string) => void;
type Weights = ReturnType<typeof readSafetensors>;

const edit =
  (name: string, patch: object): Spoil =>
  (folder) => {
    const path = join(folder, name);
    const json = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, "utf8")));
    writeFileSync(path, JSON.stringify({ ...json, ...patch }));
  };
const write =
  (name: string, content: string | Uint8Array): Spoil =>
  (folder) =>
    writeFileSync(join(folder, name), content);
const weights =
  (name: string, change: (weights: Weights) => void): Spoil =>
  (folder) => {
    const found = readSafetensors(join(folder, name));
    change(found);
    writeSafetensors(join(folder, name), found);
  };
/** Writes the header anew, whatever it then says about the same data. */
const header =
  (change: (header: string) => string): Spoil =>
  (folder) => {
    const path = join(folder, WEIGHTS);
    const file = readFileSync(path);
    const length = Number(file.readBigUInt64LE(0));
    const changed = Buffer.from(change(file.subarray(8, 8 + length).toString("utf8")));
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(changed.length));
    writeFileSync(path, Buffer.concat([prefix, changed, file.subarray(8 + length)]));
  };
const link =
  (name: string): Spoil =>
  (folder) => {
    renameSync(join(folder, name), join(folder, "elsewhere"));
    symlinkSync("elsewhere", join(folder, name));
  };
const halve: Spoil = (folder) => {
  const found = readSafetensors(join(folder, WEIGHTS));
  const entries: Record<string, object> = {};
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of found) {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    const upper = Uint16Array.from(bits, (word) => word >>> 16);
    entries[name] = { dtype: "BF16", shape, data_offsets: [offset, offset + upper.byteLength] };
    parts.push(Buffer.from(upper.buffer));
    offset += upper.byteLength;
  }
  const text = Buffer.from(JSON.stringify(entries));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(join(folder, WEIGHTS), Buffer.concat([prefix, text, ...parts]));
};
/** As transformers saves what is too large for one file. */
const cut: Spoil = (folder) => {
  const all = [...readSafetensors(join(folder, WEIGHTS))];
  const places: Record<string, string> = {};
  for (const [index, part] of [all.slice(0, 7), all.slice(7)].entries()) {
    const shard = `model-0000${index + 1}-of-00002.safetensors`;
    writeSafetensors(join(folder, shard), new Map(part));
    for (const [name] of part) places[name] = shard;
  }
  writeFileSync(join(folder, `${WEIGHTS}.index.json`), JSON.stringify({ metadata: {}, weight_map: places }));
  rmSync(join(folder, WEIGHTS));
};
const padded: Spoil = edit("config.json", { extra: "a".repeat(1024 * 1024) });

const someTensor = { shape: [1], data: new Float32Array(1) };
const upProjection = "model.layers.0.mlp.up_proj.weight";
const queryA = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";

/** Adapters that both evaluators refuse. */
export const refusedLoras: Readonly<Record<string, Spoil>> = {
  "an adapter for another base": edit(ADAPTER, { base_model_name_or_path: "demo/other" }),
  "an adapter for no base": edit(ADAPTER, { base_model_name_or_path: null }),
  "a rank that the tensors do not have": edit(ADAPTER, { r: 3 }),
  "a rank of nothing": edit(ADAPTER, { r: 0 }),
  "a rank that is a text": edit(ADAPTER, { r: "2" }),
  "no plain LoRA": edit(ADAPTER, { peft_type: "LOHA" }),
  "weight decomposition": edit(ADAPTER, { use_dora: true }),
  "a rank-stabilised scale": edit(ADAPTER, { use_rslora: true }),
  "ranks of its own for some layers": edit(ADAPTER, { rank_pattern: { q_proj: 1 } }),
  "whole modules": edit(ADAPTER, { modules_to_save: ["lm_head"] }),
  "a bias": edit(ADAPTER, { bias: "all" }),
  "a bias of its own": edit(ADAPTER, { lora_bias: true }),
  "an effect from some token on": edit(ADAPTER, { alora_invocation_tokens: [5] }),
  "a list as its config": write(ADAPTER, "[]"),
  "a config that is cut off": write(ADAPTER, '{"peft_type": "LORA"'),
  "a config with NaN": write(ADAPTER, '{"peft_type": "LORA", "r": 2, "lora_alpha": NaN}'),
  "a config that is a link": link(ADAPTER),
  "weights that are a link": link(ADAPTER_WEIGHTS),
  "weights that are a pickle": write(ADAPTER_WEIGHTS, Buffer.from("8004950b000000000000007d94", "hex")),
  "a pickle beside no weights": (folder) => {
    renameSync(join(folder, ADAPTER_WEIGHTS), join(folder, "adapter_model.bin"));
  },
  "an A without its B": weights(ADAPTER_WEIGHTS, (all) => all.delete(queryA.replace("lora_A", "lora_B"))),
  "a B without its A": weights(ADAPTER_WEIGHTS, (all) => all.delete(queryA)),
  "no tensor": weights(ADAPTER_WEIGHTS, (all) => all.clear()),
  "a tensor for the embedding": weights(ADAPTER_WEIGHTS, (all) =>
    all.set("base_model.model.model.embed_tokens.lora_A.weight", someTensor),
  ),
  "a layer of its own in front of the embedding": (folder) => {
    edit(ADAPTER, { target_modules: ["q_proj", "down_proj", "embed_tokens"] })(folder);
    weights(ADAPTER_WEIGHTS, (all) => {
      const [a, b] = ["A", "B"].map((side) => `base_model.model.model.embed_tokens.lora_${side}.weight`);
      const rows = (count: number, width: number) => ({ shape: [count, width], data: new Float32Array(count * width) });
      all.set(String(a), rows(2, 16)).set(String(b), rows(260, 2));
    })(folder);
  },
  "weights that are not finite": weights(ADAPTER_WEIGHTS, (all) => all.get(queryA)?.data.fill(NaN)),
};

/** How transformers 5 writes what earlier ones called rope_theta and rope_scaling. */
const rope = (parameters: object): object => ({
  rope_theta: undefined,
  rope_parameters: { rope_theta: 10_000, rope_type: "default", ...parameters },
});

/** Whole models that both evaluators refuse. */
export const refusedFulls: Readonly<Record<string, Spoil>> = {
  "another number of layers": edit("config.json", { num_hidden_layers: 3 }),
  "another rope": edit("config.json", { rope_theta: 20_000 }),
  "another norm": edit("config.json", { rms_norm_eps: 1e-3 }),
  "another rope, as transformers 5 writes it": edit("config.json", rope({ rope_theta: 20_000 })),
  "a scaled rope, as transformers 5 writes it": edit("config.json", rope({ rope_type: "linear", factor: 2 })),
  "an output layer of its own": edit("config.json", { tie_word_embeddings: false }),
  "another architecture": edit("config.json", { architectures: ["MistralForCausalLM"], model_type: "mistral" }),
  "a scaled rope": edit("config.json", { rope_scaling: { rope_type: "linear", factor: 2 } }),
  "a rope that is no object": edit("config.json", { rope_scaling: "linear" }),
  "a config of megabytes": padded,
  "a missing config": (folder) => rmSync(join(folder, "config.json")),
  "a missing tensor": weights(WEIGHTS, (all) => all.delete("model.norm.weight")),
  "an extra tensor": weights(WEIGHTS, (all) => all.set("extra", someTensor)),
  "a tensor of another shape": weights(WEIGHTS, (all) => all.set("model.norm.weight", someTensor)),
  "another output layer than its embedding": weights(WEIGHTS, (all) => {
    const { shape, data } = all.get("model.embed_tokens.weight") ?? someTensor;
    all.set("lm_head.weight", { shape, data: data.map((value) => value + 1) });
  }),
  "weights that are not finite": weights(WEIGHTS, (all) => all.get(upProjection)?.data.fill(Infinity)),
  "weights that are text": write(WEIGHTS, "not a model"),
  "weights that are empty": write(WEIGHTS, ""),
  "weights that are a link": link(WEIGHTS),
  "a header that is longer than the file": (folder) => {
    const file = readFileSync(join(folder, WEIGHTS));
    file.writeBigUInt64LE(2n ** 63n, 0);
    writeFileSync(join(folder, WEIGHTS), file);
  },
  "a header with a key twice": header((text) =>
    text.replace('"__metadata__"', '"model.norm.weight":{},"__metadata__"'),
  ),
  "a header with a key twice inside": header((text) => text.replace('"dtype":"F32"', '"dtype":"F32","dtype":"F32"')),
  "a header with overlapping tensors": header((text) => text.replace(/"data_offsets":\[\d+,/, '"data_offsets":[4,')),
  "a header with another dtype": header((text) => text.replace('"dtype":"F32"', '"dtype":"I32"')),
  "a header with an unknown field": header((text) => text.replace('"dtype":"F32"', '"dtype":"F32","more":1')),
  "a header with metadata that is no text": header((text) => text.replace('"format":"pt"', '"format":1')),
  "a header with a number that has a point": header((text) => text.replace(/"shape":\[(\d+)/, '"shape":[$1.0')),
  "a header with a negative zero": header((text) => text.replace('"data_offsets":[0,', '"data_offsets":[-0,')),
  "a header with half a character": header((text) => text.replace('"format":"pt"', String.raw`"format":"\ud800"`)),
  "a header that is a list": header(() => "[]"),
};

/** Submissions that both evaluators take. */
export const accepted: Readonly<Record<string, readonly [kind: "LORA" | "FULL", spoil: Spoil]>> = {
  "an adapter that asks PEFT to change the base": ["LORA", edit(ADAPTER, { init_lora_weights: "olora" })],
  "an adapter whose config names other layers": ["LORA", edit(ADAPTER, { target_modules: "(a+)+$" })],
  "an adapter with dropout": ["LORA", edit(ADAPTER, { lora_dropout: 0.5 })],
  "an adapter with a broken scale": ["LORA", edit(ADAPTER, { lora_alpha: 0.7 })],
  "a model with an adapter's config that leads elsewhere": [
    "FULL",
    write(ADAPTER, JSON.stringify({ peft_type: "LORA", base_model_name_or_path: "../base", r: 2, lora_alpha: 4 })),
  ],
  "a model with a copy of its embedding": [
    "FULL",
    weights(WEIGHTS, (all) => all.set("lm_head.weight", all.get("model.embed_tokens.weight") ?? someTensor)),
  ],
  "a model that transformers 5 wrote": ["FULL", edit("config.json", { ...rope({}), dtype: "float32", head_dim: 8 })],
  "a model with a shorter context": ["FULL", edit("config.json", { max_position_embeddings: 8 })],
  "a model with a tokenizer of its own": ["FULL", write("tokenizer.json", "{}")],
  "a model with code": ["FULL", edit("config.json", { auto_map: { AutoModelForCausalLM: "evil.Model" } })],
  "a model in half precision": ["FULL", halve],
  "a model in shards": ["FULL", cut],
  "a model with several ends of a text": ["FULL", edit("config.json", { eos_token_id: [2, 5], bos_token_id: null })],
  "a model that says only what it must": [
    "FULL",
    edit("config.json", { hidden_act: undefined, rope_theta: undefined, max_position_embeddings: undefined }),
  ],
  "a model that says that its rope is the usual one": [
    "FULL",
    edit("config.json", { rope_scaling: { type: "default" } }),
  ],
  "a model with nothing where a setting could be": [
    "FULL",
    edit("config.json", { rope_theta: null, rope_scaling: {}, attention_bias: null, mlp_bias: null, head_dim: null }),
  ],
};
