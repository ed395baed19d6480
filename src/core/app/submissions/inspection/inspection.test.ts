import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { rawSafetensors, safetensorsFile, type FileTensor } from "../../../../../test/helpers/safetensors-file.ts";
import type { JsonObject } from "../../../contract/index.ts";
import type { BaseModelInfo } from "../../ports.ts";
import { readTensors } from "../safetensors/index.ts";
import { inspectModel } from "./inspect-model.ts";
import { modelFolder } from "./model-folder.ts";

const CONFIG = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 4,
  hidden_size: 2,
  intermediate_size: 3,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
};
const EMBED: FileTensor = { name: "model.embed_tokens.weight", shape: [4, 2], values: [1, 2, 3] };
const GATE: FileTensor = { name: "model.layers.0.mlp.gate_proj.weight", shape: [3, 2], values: [5, 6] };

async function aBase(tensorsOfBase = [EMBED, GATE], config: JsonObject = CONFIG): Promise<BaseModelInfo> {
  const file = safetensorsFile(tensorsOfBase);
  const tensors = await readTensors(Readable.from([file]), file.length);
  if (!tensors.ok) throw new Error(tensors.error);
  return {
    repo: "example/base",
    revision: "a".repeat(40),
    parameterCount: 14,
    contextLength: 128,
    path: "/models/base",
    files: [],
    config,
    tensorDigests: () => Promise.resolve(new Map(tensors.value.map((tensor) => [tensor.name, tensor]))),
  };
}

const folderOf = (files: Readonly<Record<string, Buffer | object>>) => {
  const contents = Object.entries(files).map(
    ([path, content]) => [path, Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))] as const,
  );
  return modelFolder(
    contents.map(([path, content]) => ({ path, bytes: content.length, sha256: "0".repeat(64) })),
    async ({ path }) => Readable.from([new Map(contents).get(path) ?? Buffer.alloc(0)]),
  );
};

const trained = (tensor: FileTensor): FileTensor => ({ ...tensor, values: [9, 8, 7] });
const full = async (files: Readonly<Record<string, Buffer | object>>) =>
  inspectModel("FULL", folderOf(files), await aBase());
const aFullModel = (tensors = [EMBED, trained(GATE)], config: object = CONFIG) =>
  full({ "config.json": config, "model.safetensors": safetensorsFile(tensors) });

describe("the inspection of a whole model", () => {
  it("accepts a fine-tuned model, whatever else its config was saved with", async () => {
    const config = {
      ...CONFIG,
      head_dim: 2,
      num_key_value_heads: 1,
      hidden_act: "silu",
      transformers_version: "5.0.0",
    };
    expect(await aFullModel(undefined, config)).toMatchObject({
      verdict: { status: "VALID" },
      facts: { equalsBase: false, wrongArchitecture: false, wrongBase: false, namedBase: null },
    });
  });

  const { rope_theta: theta, ...older } = CONFIG;
  const scaled = { factor: 8, low_freq_factor: 1 };
  const long = { rope_type: "longrope", short_factor: [1], long_factor: [4] };
  const spelled = {
    "4": { ...older, rope_theta: theta, rope_scaling: null },
    "5": { ...older, rope_parameters: { rope_type: "default", rope_theta: theta } },
    "4, scaled": { ...older, rope_theta: 500_000, rope_scaling: { type: "llama3", ...scaled } },
    "5, scaled": { ...older, rope_parameters: { ...scaled, rope_theta: 500_000, rope_type: "llama3", type: "llama3" } },
    "4, long": { ...older, rope_scaling: long },
    "5, long": { ...older, rope_parameters: { ...long, rope_theta: theta, long_factor: [4] } },
  };
  const inspected = async (config: JsonObject, base: JsonObject) =>
    (
      await inspectModel(
        "FULL",
        folderOf({ "config.json": config, "model.safetensors": safetensorsFile([EMBED, trained(GATE)]) }),
        await aBase(undefined, base),
      )
    ).verdict.status;

  it.each([
    ["4", "5"],
    ["5", "4"],
    ["4, scaled", "5, scaled"],
    ["5, scaled", "4, scaled"],
    ["5, long", "4, long"],
    ["4, long", "4, long"],
  ] as const)("accepts a config of transformers %s for a base of transformers %s", async (own, base) => {
    expect(await inspected(spelled[own], spelled[base])).toBe("VALID");
  });

  it.each([
    ["4", "5, scaled"],
    ["5, scaled", "4"],
    ["4, scaled", "5"],
  ] as const)("tells the rotary embedding of transformers %s from that of %s", async (own, base) => {
    expect(await inspected(spelled[own], spelled[base])).toBe("INVALID");
  });

  it("accepts a model without the copies that only its base's file has", async () => {
    const copies: FileTensor[] = [
      { name: "lm_head.weight", shape: [4, 2], values: [1, 2, 3] },
      { name: "model.layers.0.self_attn.rotary_emb.inv_freq", shape: [1], values: [1] },
    ];
    const model = { "config.json": CONFIG, "model.safetensors": safetensorsFile([EMBED, trained(GATE)]) };
    const { verdict } = await inspectModel("FULL", folderOf(model), await aBase([EMBED, GATE, ...copies]));
    expect(verdict.status).toBe("VALID");
  });

  it("recognises the base in a file of another order, and still calls it evaluable", async () => {
    expect(await aFullModel([GATE, EMBED])).toMatchObject({
      verdict: { status: "VALID" },
      facts: { equalsBase: true },
    });
  });

  it("gives the same model the same digest in one file and in shards", async () => {
    const [first, second] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    const sharded = await full({
      "config.json": CONFIG,
      "model.safetensors.index.json": { weight_map: { [EMBED.name]: first, [GATE.name]: second } },
      [first]: safetensorsFile([EMBED]),
      [second]: safetensorsFile([trained(GATE)]),
    });
    expect(sharded.verdict.status).toBe("VALID");
    expect(sharded.facts?.digest).toBe((await aFullModel()).facts?.digest);
  });

  it.each([
    ["a missing tensor", () => aFullModel([EMBED])],
    ["an extra tensor", () => aFullModel([EMBED, GATE, { name: "lm_head.weight", shape: [4, 2], values: [1] }])],
    ["a tensor of another shape", () => aFullModel([EMBED, { ...GATE, shape: [2, 3] }])],
    ["another activation", () => aFullModel(undefined, { ...CONFIG, hidden_act: "relu" })],
    ["another rope base", () => aFullModel(undefined, { ...CONFIG, rope_theta: 500_000 })],
    ["a rope that is no object", () => aFullModel(undefined, { ...CONFIG, rope_scaling: "linear" })],
    ["more layers", () => aFullModel(undefined, { ...CONFIG, num_hidden_layers: 2 })],
  ])("calls %s another architecture", async (_, inspect) => {
    const { verdict, facts } = await inspect();
    expect(verdict).toMatchObject({ status: "INVALID", code: "WRONG_BASE" });
    expect(facts).toMatchObject({ wrongArchitecture: true, equalsBase: false });
  });

  const weights = safetensorsFile([EMBED, GATE]);
  it.each([
    ["no config.json", { "model.safetensors": weights }, /expected config.json/],
    ["no weights", { "config.json": CONFIG }, /model.safetensors or its shards/],
    ["a config that is no object", { "config.json": [], "model.safetensors": weights }, /JSON object/],
    [
      "a truncated header",
      { "config.json": CONFIG, "model.safetensors": weights.subarray(0, 40) },
      /header of at most/,
    ],
    [
      "an oversized header",
      { "config.json": CONFIG, "model.safetensors": rawSafetensors("{}", weights, 1n << 40n) },
      /header of at most/,
    ],
    [
      "an adapter too",
      { "config.json": CONFIG, "model.safetensors": weights, "adapter_config.json": {} },
      /seal it as LORA/,
    ],
    ["shards without an index", { "config.json": CONFIG, "model-00001-of-00001.safetensors": weights }, /index.json/],
    [
      "an index that names other shards",
      {
        "config.json": CONFIG,
        "model.safetensors.index.json": { weight_map: { [EMBED.name]: "other" } },
        "model-00001-of-00001.safetensors": weights,
      },
      /to place/,
    ],
  ])("calls a folder with %s malformed", async (_, files, message) => {
    const { verdict, facts } = await full(files);
    expect(verdict).toMatchObject({
      status: "INVALID",
      code: "MALFORMED_MODEL",
      message: expect.stringMatching(message),
    });
    expect(facts).toBeNull();
  });
});

describe("the look at every file", () => {
  const weights = safetensorsFile([EMBED, trained(GATE)]);
  const beside = (files: Readonly<Record<string, Buffer | object>>) =>
    full({ "config.json": CONFIG, "model.safetensors": weights, ...files });

  it.each([
    [
      "a pickle under another name",
      { "model.safetensors": Buffer.from("\x80\x04 pickle", "latin1") },
      /a Python pickle/,
    ],
    ["a zip under another name", { "tokenizer.model": Buffer.from("PK\x03\x04....") }, /zip/],
    ["a zip that looks like weights", { "tokenizer.model": Buffer.from("PK\x03\x04\0\0\0\0{}") }, /zip/],
    [
      "a pickle that looks like weights",
      { "README.md": Buffer.from("\x80\x02U\x06\0\0\0\0{}0cos\nsystem\n", "latin1") },
      /pickle/,
    ],
    ["a gzip as JSON", { "tokenizer.json": Buffer.from([0x1f, 0x8b, 8, 0]) }, /gzip/],
    ["a tar as text", { "README.md": Buffer.concat([Buffer.alloc(257, "a"), Buffer.from("ustar")]) }, /tar/],
    ["a script", { "README.md": Buffer.from("#!/bin/sh\nrm -rf ~") }, /script/],
    ["code hooks", { "config.json": { ...CONFIG, auto_map: {} } }, /config.json has auto_map/],
    ["code hooks deep inside", { "config.json": { ...CONFIG, extra: [{ trust_remote_code: true }] } }, /trust_remote/],
    ["code hooks of its tokenizer", { "tokenizer_config.json": { auto_map: { AutoTokenizer: ["x.py"] } } }, /auto_map/],
    [
      "a module to import",
      { "generation_config.json": { auto_mapping: { parent_library: "os", base_model_class: "system" } } },
      /auto_mapping/,
    ],
  ])("calls %s unsafe", async (_, files, message) => {
    const { verdict, facts } = await beside(files);
    expect(verdict).toMatchObject({ status: "INVALID", code: "UNSAFE_MODEL", message: expect.stringMatching(message) });
    expect(facts).toBeNull();
  });

  it("lets PEFT name the library that the base is of", async () => {
    const mapping = {
      base_model_class: "LlamaForCausalLM",
      parent_library: "transformers.models.llama.modeling_llama",
    };
    expect((await aLora({ ...ADAPTER, auto_mapping: mapping })).verdict.status).toBe("VALID");
  });

  it("takes a safetensors length that begins like a pickle for what it is", async () => {
    const header = JSON.parse(weights.subarray(8, 8 + Number(weights.readBigUInt64LE())).toString());
    const text = JSON.stringify(header).padEnd(0x280);
    const file = rawSafetensors(text, weights.subarray(8 + Number(weights.readBigUInt64LE())));
    expect([...file.subarray(0, 2)]).toEqual([0x80, 0x02]);
    expect((await beside({ "model.safetensors": file })).verdict.status).toBe("VALID");
  });

  it.each([
    ["JSON that nests without end", { "tokenizer_config.json": Buffer.from("[".repeat(5000)) }, /refused/],
    ["a config of megabytes", { "config.json": { ...CONFIG, extra: "a".repeat(1024 * 1024) } }, /at most 1048576/],
    ["a vocabulary far beyond the base's", { "tokenizer.model": Buffer.alloc(1024 * 1024 + 1, "a") }, /of at most/],
    ["a number that fills pages", { "tokenizer_config.json": Buffer.from(`{"a":${"9".repeat(1001)}}`) }, /1000 digits/],
    ["a key twice", { "generation_config.json": Buffer.from('{"a":1,"a":2}') }, /"a" twice/],
    ["a text of megabytes", { "README.md": Buffer.alloc(2 * 1024 * 1024, "a") }, /README.md of at most/],
    [
      "weights that are not finite",
      { "model.safetensors": safetensorsFile([EMBED, { ...GATE, values: [NaN] }]) },
      /GATE|NaN/,
    ],
  ])("calls %s malformed", async (_, files, message) => {
    const { verdict } = await beside(files);
    expect(verdict).toMatchObject({ code: "MALFORMED_MODEL", message: expect.stringMatching(message) });
  });

  it.each([
    ["a longer context", { "config.json": { ...CONFIG, max_position_embeddings: 4096 } }],
    ["a larger vocabulary", { "config.json": { ...CONFIG, vocab_size: 5 } }],
    ["a larger vocabulary of its tokenizer", { "vocab.json": { a: 0, b: 1, c: 2, d: 3, e: 4 } }],
    ["another value of a key that only this base has", { "config.json": { ...CONFIG, special_factor: 2 } }],
  ])("calls %s another base", async (_, files) => {
    const base = { ...(await aBase()), config: { ...CONFIG, max_position_embeddings: 128, special_factor: 1 } };
    const folder = folderOf({ "config.json": CONFIG, "model.safetensors": weights, ...files });
    expect((await inspectModel("FULL", folder, base)).verdict).toMatchObject({ code: "WRONG_BASE" });
  });
});

const ADAPTER = {
  peft_type: "LORA",
  base_model_name_or_path: "example/base",
  r: 2,
  lora_alpha: 4,
  target_modules: ["gate_proj"],
  bias: "none",
  modules_to_save: null,
};
const A: FileTensor = {
  name: "base_model.model.model.layers.0.mlp.gate_proj.lora_A.weight",
  shape: [2, 2],
  values: [1, 2],
};
const B: FileTensor = {
  name: "base_model.model.model.layers.0.mlp.gate_proj.lora_B.weight",
  shape: [3, 2],
  values: [3],
};

const aLora = async (
  config: object = ADAPTER,
  tensors = [A, B],
  more: Readonly<Record<string, Buffer | object>> = {},
) =>
  inspectModel(
    "LORA",
    folderOf({ "adapter_config.json": config, "adapter_model.safetensors": safetensorsFile(tensors), ...more }),
    await aBase(),
  );

describe("the inspection of an adapter", () => {
  it("accepts an adapter that fits the base's layers", async () => {
    expect(await aLora({ ...ADAPTER, task_type: "CAUSAL_LM", use_dora: false, rank_pattern: {} })).toMatchObject({
      verdict: { status: "VALID" },
      facts: { namedBase: "example/base", equalsBase: false, wrongBase: false },
    });
  });

  it("tells adapters of another scale apart, and not those of another file order", async () => {
    const { facts } = await aLora();
    expect((await aLora(ADAPTER, [B, A])).facts?.digest).toBe(facts?.digest);
    expect((await aLora({ ...ADAPTER, lora_alpha: 8 })).facts?.digest).not.toBe(facts?.digest);
  });

  it.each([
    ["A", [{ ...A, values: [0] }, B]],
    ["B", [A, { ...B, values: [0, -0] }]],
  ])("calls an adapter whose every %s is zero equal to the base", async (_, tensors) => {
    expect(await aLora(ADAPTER, tensors)).toMatchObject({ verdict: { status: "VALID" }, facts: { equalsBase: true } });
  });

  it.each([
    ["that names another base", { ...ADAPTER, base_model_name_or_path: "example/other" }, [A, B]],
    ["that names another revision", { ...ADAPTER, revision: "b".repeat(40) }, [A, B]],
    ["of other widths", ADAPTER, [{ ...A, shape: [2, 5] }, B]],
    [
      "of a layer that the base lacks",
      ADAPTER,
      [A, B].map((tensor) => ({ ...tensor, name: tensor.name.replace("layers.0", "layers.7") })),
    ],
  ])("refuses an adapter %s as one of another base", async (_, config, tensors) => {
    const { verdict, facts } = await aLora(config, tensors);
    expect(verdict).toMatchObject({ status: "INVALID", code: "WRONG_BASE" });
    expect(facts).toMatchObject({ wrongBase: true });
  });

  it.each([
    ["no named base", { ...ADAPTER, base_model_name_or_path: null }, /base_model_name_or_path/],
    ["another method", { ...ADAPTER, peft_type: "IA3" }, /peft_type/],
    ["a huge rank", { ...ADAPTER, r: 1_000_000 }, /: r:/],
    ["another rank than its tensors", { ...ADAPTER, r: 4 }, /rank r = 4/],
    ["whole modules saved beside", { ...ADAPTER, modules_to_save: ["lm_head"] }, /modules_to_save/],
    ["trained biases", { ...ADAPTER, bias: "all" }, /bias/],
    ["layers that are left out when it is loaded", { ...ADAPTER, layers_to_transform: [1] }, /layers_to_transform/],
    ["a base that is truncated when it is loaded", { ...ADAPTER, kasa_config: { beta: 1e-4 } }, /kasa_config/],
    ["DoRA", { ...ADAPTER, use_dora: true }, /use_dora: is not supported/],
    ["a zero for an option", { ...ADAPTER, use_rslora: 0 }, /use_rslora: is not supported/],
    ["ranks of its own for a layer", { ...ADAPTER, rank_pattern: { q_proj: 1 } }, /rank_pattern: is not supported/],
    ["a pattern for its modules", { ...ADAPTER, target_modules: ".*_proj" }, /target_modules/],
    ["modules that it does not name", { ...ADAPTER, target_modules: ["q_proj"] }, /target_modules/],
    ["an initialisation that changes the base", { ...ADAPTER, init_lora_weights: "pissa" }, /init_lora_weights/],
  ])("calls an adapter with %s malformed", async (_, config, message) => {
    const { verdict, facts } = await aLora(config);
    expect(verdict).toMatchObject({
      status: "INVALID",
      code: "MALFORMED_MODEL",
      message: expect.stringMatching(message),
    });
    expect(facts).toBeNull();
  });

  it.each(["lm_head", "model.embed_tokens", "text_position"])("calls an adapter of %s malformed", async (module) => {
    const rows = module === "text_position" ? 3 : CONFIG.vocab_size;
    const name = `base_model.model.${module}.lora_A.weight`;
    const pair = [
      { ...A, name },
      { ...B, name: name.replace("lora_A", "lora_B"), shape: [rows, 2] },
    ];
    const { verdict } = await aLora({ ...ADAPTER, target_modules: [module] }, pair);
    expect(verdict).toMatchObject({ code: "MALFORMED_MODEL", message: expect.stringContaining(module) });
  });

  it("calls half a pair, foreign tensors and a whole model beside it malformed", async () => {
    expect((await aLora(ADAPTER, [A])).verdict.message).toMatch(/both lora_A and lora_B/);
    expect((await aLora(ADAPTER, [A, B, GATE])).verdict.message).toMatch(/named base_model/);
    const beside = { "model.safetensors": safetensorsFile([GATE]) };
    expect((await aLora(ADAPTER, [A, B], beside)).verdict.message).toMatch(/seal it as FULL/);
  });
});
