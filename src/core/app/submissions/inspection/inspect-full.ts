import type { JsonObject } from "../../../contract/index.ts";
import { err, ok, type Result } from "../../../domain/index.ts";
import type { BaseModelInfo } from "../../ports.ts";
import type { TensorFact } from "../safetensors/index.ts";
import { architectureDifference } from "./architecture.ts";
import { malformed, modelDigest, notFinite, notOfThisBase, valid, type Inspection } from "./inspection.ts";
import type { ModelFolder } from "./model-folder.ts";

const INDEX = "model.safetensors.index.json";
const SINGLE = "model.safetensors";

/** A whole model: config.json with the base's architecture, and tensors with the base's names and shapes. */
export async function inspectFull(folder: ModelFolder, base: BaseModelInfo): Promise<Inspection> {
  const adapter = [...folder.names].find((name) => name.startsWith("adapter_"));
  if (adapter !== undefined)
    return malformed(`expected no adapter in a FULL submission, found ${adapter}: seal it as LORA`);
  const config = await folder.readConfig("config.json");
  if (!config.ok) return malformed(config.error);
  const tensors = await readAllTensors(folder);
  if (!tensors.ok) return malformed(tensors.error);

  const baseTensors = await base.tensorDigests();
  const difference =
    architectureDifference(config.value, base.config) ?? shapeDifference(tensors.value, baseTensors, base.config);
  const facts = {
    digest: modelDigest(tensors.value),
    equalsBase:
      difference === null && tensors.value.every(({ name, sha256 }) => baseTensors.get(name)?.sha256 === sha256),
    namedBase: null,
    wrongBase: false,
    wrongArchitecture: difference !== null,
  };
  if (difference !== null) return notOfThisBase(difference, facts);
  const strange = tensors.value.find(({ name, dtype }) => !sameKind(dtype, baseTensors.get(name)?.dtype));
  if (strange) {
    const own = baseTensors.get(strange.name)?.dtype ?? "";
    const expected = FLOATS.has(own) ? [...FLOATS].join(", ") : own;
    return malformed(`expected ${strange.name} in ${expected}, found ${strange.dtype}`);
  }
  const broken = tensors.value.find(({ name, finite, sha256 }) => !finite && baseTensors.get(name)?.sha256 !== sha256);
  if (broken) return notFinite(broken.name);
  return valid(facts);
}

async function readAllTensors(folder: ModelFolder): Promise<Result<readonly TensorFact[], string>> {
  const shards = [...folder.names].filter((name) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(name)).sort();
  if (folder.names.has(SINGLE) === shards.length > 0) return err(`expected either ${SINGLE} or its shards`);
  if (shards.length === 0) return folder.readTensors(SINGLE);
  const index = await readIndex(folder);
  if (!index.ok) return index;
  const all = new Map<string, TensorFact>();
  for (const shard of shards) {
    const tensors = await folder.readTensors(shard);
    if (!tensors.ok) return tensors;
    for (const tensor of tensors.value) {
      if (index.value.get(tensor.name) !== shard) return err(`expected ${INDEX} to place ${tensor.name} in ${shard}`);
      all.set(tensor.name, tensor);
    }
  }
  const missing = [...index.value.keys()].find((name) => !all.has(name));
  return missing === undefined ? ok([...all.values()]) : err(`expected the tensor ${missing} that ${INDEX} names`);
}

async function readIndex(folder: ModelFolder): Promise<Result<ReadonlyMap<string, unknown>, string>> {
  const index = await folder.readConfig(INDEX);
  if (!index.ok) return index;
  const places = index.value["weight_map"];
  if (typeof places !== "object" || places === null) return err(`expected a weight_map in ${INDEX}`);
  return ok(new Map(Object.entries(places)));
}

function shapeDifference(
  tensors: readonly TensorFact[],
  base: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  baseConfig: JsonObject,
): string | null {
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  for (const [name, { shape }] of base) {
    const tensor = found.get(name);
    if (!tensor && followsFromTheRest(name, baseConfig)) continue;
    if (!tensor) return `expected the base's tensor ${name}, found none`;
    if (tensor.shape.join() !== shape.join()) {
      return `expected ${name} of shape [${shape.join(", ")}] as in the base, found [${tensor.shape.join(", ")}]`;
    }
  }
  const extra = tensors.find(({ name }) => !base.has(name));
  return extra ? `expected only the base's tensors, found ${extra.name}` : null;
}

/** Some bases bring tensors that transformers does not write. */
const followsFromTheRest = (name: string, baseConfig: JsonObject): boolean =>
  (name === "lm_head.weight" && baseConfig["tie_word_embeddings"] === true) || name.endsWith(".rotary_emb.inv_freq");

const FLOATS: ReadonlySet<string> = new Set(["F16", "BF16", "F32"]);

function sameKind(dtype: string, baseDtype: string | undefined): boolean {
  return dtype === baseDtype || (FLOATS.has(dtype) && FLOATS.has(baseDtype ?? ""));
}
