import { gzipSync } from "node:zlib";
import { rawSafetensors, safetensorsFile, type FileTensor } from "../helpers/safetensors-file.ts";
import { CONFIG, json, model, TOKENIZER, type Arena } from "./an-arena.ts";
import { endingAt } from "./attack.ts";
import { TINY_BASE } from "../intake/tiny-base.ts";

const EMBED: FileTensor = { name: "model.embed_tokens.weight", shape: [4, 2], values: [2, 3, 4] };
const GATE: FileTensor = { name: "model.layers.0.mlp.gate_proj.weight", shape: [3, 2], values: [6, 7] };
const A: FileTensor = {
  name: `base_model.model.${GATE.name.replace(".weight", "")}.lora_A.weight`,
  shape: [2, 2],
  values: [1, 2],
};
const B: FileTensor = { ...A, name: A.name.replace("lora_A", "lora_B"), shape: [3, 2], values: [3] };
const ADAPTER = {
  peft_type: "LORA",
  base_model_name_or_path: TINY_BASE.repo,
  r: 2,
  lora_alpha: 4,
  target_modules: ["gate_proj"],
};

const withFiles = (files: Readonly<Record<string, Buffer>>) => async (arena: Arena) =>
  arena.inspected(await arena.seal(model(files)));
const weights = (bytes: Buffer) => withFiles({ "model.safetensors": bytes });
const config = (more: object) => withFiles({ "config.json": json({ ...CONFIG, ...more }) });
const lora =
  (changed: object = {}, tensors: readonly FileTensor[] = [A, B]) =>
  async (arena: Arena) => {
    const weights = safetensorsFile(tensors);
    const files = { "adapter_config.json": json({ ...ADAPTER, ...changed }), "adapter_model.safetensors": weights };
    return arena.inspected(await arena.seal(files, "LORA"));
  };

const place = (shape: readonly number[], offsets: readonly [number, number], dtype = "F32") =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });
const header = (text: string, bytes: number, length?: bigint) =>
  weights(rawSafetensors(text, Buffer.alloc(bytes), length));

/** Sealed, and refused by the inspection within seconds. */
export const MODEL_ATTACKS = [
  ...endingAt(
    { stage: "inspection", code: "UNSAFE_MODEL", blamed: "MINER" },
    {
      "a pickle under the name of weights": weights(Buffer.from("\x80\x04\x95c__builtin__\neval\n", "latin1")),
      "a GGUF file under the name of weights": weights(Buffer.from("GGUF\x03\0\0\0\0\0\0\0", "latin1")),
      "an archive whose ninth byte is that of weights": withFiles({
        "README.md": Buffer.from("PK\x03\x04\0\0\0\0{}", "latin1"),
      }),
      "a PyTorch zip under the name of weights": weights(Buffer.from("PK\x03\x04archive/data.pkl", "latin1")),
      "a pickle under the name of a tokenizer": withFiles({
        "tokenizer.model": Buffer.from("\x80\x02}q\0.", "latin1"),
      }),
      "a gzip bomb under the name of a tokenizer": withFiles({ "tokenizer.json": gzipSync(Buffer.alloc(20_000_000)) }),
      "a tar archive under the name of a text": withFiles({
        "README.md": Buffer.concat([Buffer.alloc(257, "a"), Buffer.from("ustar\0")]),
      }),
      "a program under the name of a text": withFiles({ "README.md": Buffer.from("\x7fELF\x02\x01\x01", "latin1") }),
      "code named by the config": config({ auto_map: { AutoModelForCausalLM: "evil.Model" } }),
      "code named by the tokenizer's config": withFiles({
        "tokenizer_config.json": json({ auto_map: { AutoTokenizer: ["evil.Tokenizer", null] } }),
      }),
      "code named by an escaped key": withFiles({
        "config.json": Buffer.from(`${JSON.stringify(CONFIG).slice(0, -1)},"\\u0061uto_map":{}}`),
      }),
      "code asked for deep inside of a config": config({ extra: [{ deeper: { trust_remote_code: true } }] }),
      "a library that the adapter has imported": lora({ auto_mapping: { parent_library: "antigravity" } }),
    },
  ),
  ...endingAt(
    { stage: "inspection", code: "MALFORMED_MODEL", blamed: "MINER" },
    {
      "a header of 2^63 bytes": header("{}", 8, 1n << 63n),
      "a header of nothing": header("", 16),
      "a header longer than the file": header("{}", 8, 5000n),
      "elements of half a byte": header(`{"a":${place([16], [0, 8], "F4")}}`, 8),
      "tensors that overlap": header(`{"a":${place([2], [0, 8])},"b":${place([2], [4, 12])}}`, 12),
      "bytes between tensors, where something could hide": header(
        `{"a":${place([1], [0, 4])},"b":${place([1], [8, 12])}}`,
        12,
      ),
      "bytes behind the last tensor": header(`{"a":${place([1], [0, 4])}}`, 5000),
      "a tensor outside of the file": header(`{"a":${place([1], [0, 4])},"b":${place([100], [4, 404])}}`, 8),
      "a shape that is not as long as its bytes": header(`{"a":${place([3], [0, 8])}}`, 8),
      "a shape whose product overflows": header(`{"a":${place([2 ** 40, 2 ** 40], [0, 8])}}`, 8),
      "a tensor named twice": header(`{"a":${place([1], [0, 4])},"a":${place([1], [4, 8])}}`, 8),
      "a tensor named twice, once escaped": header(`{"a":${place([1], [0, 4])},"\\u0061":${place([1], [4, 8])}}`, 8),
      "offsets below zero": header(`{"a":${place([1], [-4, 0])}}`, 4),
      "a config that says a key twice": withFiles({
        "config.json": Buffer.from('{"model_type":"llama","model_type":"x"}'),
      }),
      "a number that other parsers refuse": withFiles({
        "generation_config.json": Buffer.from(`{"a":${"9".repeat(5000)}}`),
      }),
      "a config that evaluators would not read": config({ filling: "a".repeat(1024 * 1024) }),
      "JSON that nests without end": withFiles({ "tokenizer_config.json": Buffer.from("[".repeat(400_000)) }),
      "JSON that nests, and closes what it opens": withFiles({
        "generation_config.json": Buffer.from(`{"a":${"[".repeat(9000)}${"]".repeat(9000)}}`),
      }),
      "a text that is no text but megabytes": withFiles({ "README.md": Buffer.alloc(1_100_000, "a") }),
      "weights that are NaN": weights(safetensorsFile([EMBED, { ...GATE, values: [1, Number.NaN] }])),
      "an adapter that is infinite": lora({}, [A, { ...B, values: [Number.POSITIVE_INFINITY] }]),
      "an adapter of the embedding": lora({ target_modules: ["embed_tokens"] }, [
        { ...A, name: "base_model.model.model.embed_tokens.lora_A.weight" },
        { ...B, name: "base_model.model.model.embed_tokens.lora_B.weight", shape: [4, 2] },
      ]),
      "an adapter that brings whole layers along": lora({ modules_to_save: ["lm_head"] }),
      "an adapter that changes the base when it is loaded": lora({ init_lora_weights: "pissa" }),
      "an adapter of a rank that fills the memory": lora({ r: 1_000_000_000 }),
      "weights that end in the middle": weights(safetensorsFile([EMBED, GATE]).subarray(0, -3)),
    },
  ),
  ...endingAt(
    { stage: "inspection", code: "WRONG_BASE", blamed: "MINER" },
    {
      "an adapter of another base": lora({ base_model_name_or_path: "somebody/larger" }),
      "another base under this base's name": lora({ revision: "b".repeat(40) }),
      "an adapter of layers that the base lacks": lora({}, [
        { ...A, name: A.name.replace("layers.0", "layers.31") },
        { ...B, name: B.name.replace("layers.0", "layers.31") },
      ]),
      "a longer context than the base's": config({ max_position_embeddings: 1_000_000 }),
      "a context that is no number": config({ max_position_embeddings: { toString: 1, valueOf: 1 } }),
      "a larger vocabulary than the base's": config({ vocab_size: 5 }),
      "more layers than the base's": config({ num_hidden_layers: 2 }),
      "a rotary embedding that is no object": config({ rope_scaling: "linear" }),
      "another activation than the base's": config({ hidden_act: "relu" }),
      "a tensor more than the base's": weights(
        safetensorsFile([EMBED, GATE, { name: "lm_head.weight", shape: [4, 2], values: [1] }]),
      ),
      "a swapped tokenizer": withFiles({
        "tokenizer.json": json({ ...TOKENIZER, model: { ...TOKENIZER.model, vocab: { a: 1, b: 0, c: 2 } } }),
      }),
      "a tokenizer that rewrites texts first": withFiles({
        "tokenizer.json": json({
          ...TOKENIZER,
          normalizer: { type: "Replace", pattern: { String: "a" }, content: "b" },
        }),
      }),
      "a tokenizer that leaves merges out by chance": withFiles({
        "tokenizer.json": json({ ...TOKENIZER, model: { ...TOKENIZER.model, dropout: 0.5 } }),
      }),
      "a tokenizer that adds nothing as a token": withFiles({
        "tokenizer.json": json({ ...TOKENIZER, added_tokens: [null] }),
      }),
      "a tokenizer that merges what can't be joined": withFiles({
        "tokenizer.json": json({ ...TOKENIZER, model: { ...TOKENIZER.model, merges: [[{ toString: 1 }]] } }),
      }),
      "a tokenizer with more words": withFiles({
        "tokenizer.json": json({
          ...TOKENIZER,
          model: { ...TOKENIZER.model, vocab: { a: 0, b: 1, c: 2, d: 3, e: 4 } },
        }),
      }),
    },
  ),
];

export { A, ADAPTER, B, EMBED, GATE };
