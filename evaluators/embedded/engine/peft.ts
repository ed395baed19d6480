import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { modelFile, readJsonFile } from "./json-file.ts";
import type { LlamaConfig } from "./llama-config.ts";
import { llamaLayers } from "./llama-weights.ts";
import type { Adapter, LoraOptions } from "./lora.ts";
import { ModelError } from "./model-error.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { param } from "./tensor.ts";
import type { Weights, WeightTensor } from "./weights.ts";

export const ADAPTER_CONFIG_FILE = "adapter_config.json";
export const ADAPTER_WEIGHTS_FILE = "adapter_model.safetensors";
const PREFIX = "base_model.model.";

const none = z.union([z.null(), z.literal(false), z.tuple([]), z.strictObject({})]).optional();

/** The part of PEFT's LoraConfig that the engine implements; whatever would change the arithmetic must be off. */
const schema = z.looseObject({
  peft_type: z.literal("LORA"),
  base_model_name_or_path: z.string().nullish(),
  r: z.number().int().positive().max(4096),
  lora_alpha: z.number(),
  bias: z.literal("none").optional(),
  fan_in_fan_out: z.literal(false).optional(),
  use_rslora: none,
  use_dora: none,
  use_qalora: none,
  modules_to_save: none,
  rank_pattern: none,
  alpha_pattern: none,
  layer_replication: none,
  target_parameters: none,
  trainable_token_indices: none,
  alora_invocation_tokens: none,
  arrow_config: none,
  kasa_config: none,
  lora_bias: none,
  monteclora_config: none,
  use_bdlora: none,
});

/** An adapter outside the engine: PEFT's tensors and the factor alpha / r. */
export interface AdapterFile {
  readonly weights: Weights;
  readonly scale: number;
}

/** What an adapter must fit: the base's layers that it may change, and the names under which the base is known. */
export interface AdapterTarget {
  /** Names and shapes of their weights. */
  readonly layers: ReadonlyMap<string, readonly number[]>;
  /** Accepted values of base_model_name_or_path; any value where absent. */
  readonly names?: readonly string[];
}

/** Reads a PEFT adapter of a Llama. @throws ModelError, see readAdapter. */
export function loadAdapter(
  folder: string,
  { config, ...target }: Omit<AdapterTarget, "layers"> & { readonly config: LlamaConfig },
): AdapterFile {
  return readAdapter(folder, { ...target, layers: llamaLayers(config) });
}

/** Reads a PEFT adapter for this base: WRONG_BASE, WRONG_ARCHITECTURE or MALFORMED_MODEL when it does not fit. */
export function readAdapter(folder: string, { layers, names }: AdapterTarget): AdapterFile {
  const parsed = schema.safeParse(readJsonFile(folder, ADAPTER_CONFIG_FILE));
  if (!parsed.success)
    throw new ModelError("WRONG_ARCHITECTURE", `${ADAPTER_CONFIG_FILE}: ${z.prettifyError(parsed.error)}`);
  const { base_model_name_or_path: base, r, lora_alpha: alpha } = parsed.data;
  if (names !== undefined && !names.includes(base ?? ""))
    throw new ModelError("WRONG_BASE", `The adapter is for ${base ?? "no base"}, expected ${names.join(" or ")}.`);
  const weights = readSafetensors(modelFile(folder, ADAPTER_WEIGHTS_FILE));
  checkAdapterWeights(layers, weights, r);
  return { weights, scale: alpha / r };
}

/** Every A has its B and the other way round, for these layers, of rank r. */
function checkAdapterWeights(layers: AdapterTarget["layers"], weights: Weights, r: number): void {
  const expected = new Map<string, readonly number[]>();
  for (const [name, [outputs = 0, inputs = 0]] of layers) {
    expected.set(adapterName(name, "A"), [r, inputs]);
    expected.set(adapterName(name, "B"), [outputs, r]);
  }
  if (weights.size === 0) throw new ModelError("MALFORMED_MODEL", "The adapter has no tensors.");
  for (const [name, { shape }] of weights) {
    const wanted = expected.get(name);
    if (wanted === undefined) throw new ModelError("WRONG_ARCHITECTURE", `The base has no layer for tensor ${name}.`);
    if (wanted.join() !== shape.join())
      throw new ModelError(
        "WRONG_ARCHITECTURE",
        `Tensor ${name} has shape [${shape.join()}], expected [${wanted.join()}].`,
      );
    const partner = name.endsWith("lora_A.weight")
      ? name.replace(/lora_A\.weight$/, "lora_B.weight")
      : name.replace(/lora_B\.weight$/, "lora_A.weight");
    if (!weights.has(partner)) throw new ModelError("MALFORMED_MODEL", `Tensor ${partner} is missing.`);
  }
}

function adapterName(weightName: string, side: "A" | "B"): string {
  return `${PREFIX}${weightName.replace(/\.weight$/, "")}.lora_${side}.weight`;
}

/** Puts an adapter's tensors into the engine, trainable or not. */
export function toAdapter({ weights, scale }: AdapterFile, trainable = false): Adapter {
  const adapter = new Map<string, { a: ReturnType<typeof param>; b: ReturnType<typeof param>; scale: number }>();
  for (const [name, a] of weights) {
    const match = /^base_model\.model\.(.+)\.lora_A\.weight$/.exec(name);
    const weightName = `${match?.[1]}.weight`;
    const b = weights.get(adapterName(weightName, "B"));
    if (match === null || b === undefined) continue;
    adapter.set(weightName, { a: param(a.shape, a.data, trainable), b: param(b.shape, b.data, trainable), scale });
  }
  return adapter;
}

/** A copy of an adapter's tensors under PEFT's names. */
export function adapterWeights(adapter: Adapter): Weights {
  const weights = new Map<string, WeightTensor>();
  for (const [name, { a, b }] of adapter) {
    weights.set(adapterName(name, "A"), { shape: a.shape, data: a.data.slice() });
    weights.set(adapterName(name, "B"), { shape: b.shape, data: b.data.slice() });
  }
  return weights;
}

/** Writes an adapter so that PEFT can load it on top of `base`. */
export function saveAdapter(
  folder: string,
  adapter: Adapter,
  {
    r,
    alpha,
    targets,
    base,
    taskType = "CAUSAL_LM",
  }: LoraOptions & { readonly base: string; readonly taskType?: string | null },
): void {
  mkdirSync(folder, { recursive: true });
  const config = {
    peft_type: "LORA",
    task_type: taskType,
    base_model_name_or_path: base,
    r,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    target_modules: [...targets],
  };
  writeFileSync(join(folder, ADAPTER_CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  writeSafetensors(join(folder, ADAPTER_WEIGHTS_FILE), adapterWeights(adapter));
}
