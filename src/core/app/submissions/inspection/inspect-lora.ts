import { err, ok, type Result } from "../../../domain/index.ts";
import type { BaseModelInfo } from "../../ports.ts";
import type { TensorFact } from "../safetensors/index.ts";
import { parseAdapterConfig, type AdapterConfig } from "./adapter-config.ts";
import { malformed, modelDigest, notFinite, notOfThisBase, valid, type Inspection } from "./inspection.ts";
import type { ModelFolder } from "./model-folder.ts";

const TENSOR = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/;
const FLOATS: ReadonlySet<string> = new Set(["F16", "BF16", "F32"]);

/** The two halves of one module's adapter: A [rank, in] and B [out, rank]. */
interface Pair {
  readonly module: string;
  readonly a: TensorFact;
  readonly b: TensorFact;
}

/** A PEFT adapter: adapter_config.json that names the task's base, and pairs of tensors that fit the base's layers. */
export async function inspectLora(folder: ModelFolder, base: BaseModelInfo): Promise<Inspection> {
  const whole = [...folder.names].find((name) => name.startsWith("model") && name.includes("safetensors"));
  if (whole !== undefined)
    return malformed(`expected only an adapter in a LORA submission, found ${whole}: seal it as FULL`);
  const json = await folder.readConfig("adapter_config.json");
  if (!json.ok) return malformed(json.error);
  const config = parseAdapterConfig(json.value);
  if (!config.ok) return malformed(config.error);
  const tensors = await folder.readTensors("adapter_model.safetensors");
  if (!tensors.ok) return malformed(tensors.error);
  const broken = tensors.value.find(({ finite }) => !finite);
  if (broken) return notFinite(broken.name);
  const pairs = pairUp(tensors.value, config.value);
  if (!pairs.ok) return malformed(pairs.error);

  const table = pairs.value.find((pair) => isTable(pair, base.config["vocab_size"]));
  if (table !== undefined)
    return malformed(`expected an adapter of linear layers inside the model, found one of ${table.module}`);

  const difference = nameDifference(config.value, base) ?? (await layerDifference(pairs.value, base));
  const facts = {
    digest: modelDigest(tensors.value, [["scale", config.value.scale]]),
    equalsBase: pairs.value.every(({ a, b }) => a.zero || b.zero),
    namedBase: config.value.namedBase,
    wrongBase: difference !== null,
    wrongArchitecture: false,
  };
  return difference === null ? valid(facts) : notOfThisBase(difference, facts);
}

function pairUp(
  tensors: readonly TensorFact[],
  { rank, targetModules }: AdapterConfig,
): Result<readonly Pair[], string> {
  const found = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const pairs: Pair[] = [];
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    const [, module, side] = TENSOR.exec(name) ?? [];
    if (module === undefined)
      return err(`expected tensors named base_model.model.<module>.lora_A.weight (or B), found ${name}`);
    if (!FLOATS.has(dtype)) return err(`expected F32, F16 or BF16 in ${name}, found ${dtype}`);
    if (shape.length !== 2 || shape[side === "A" ? 0 : 1] !== rank) {
      return err(`expected ${name} to be a matrix of rank r = ${rank}, found the shape [${shape.join(", ")}]`);
    }
    if (!targetModules.some((target) => module === target || module.endsWith(`.${target}`))) {
      return err(`expected only modules of target_modules (${targetModules.join(", ")}), found ${module}`);
    }
    const partner = found.get(`base_model.model.${module}.lora_${side === "A" ? "B" : "A"}.weight`);
    if (!partner) return err(`expected both lora_A and lora_B of ${module}, found only lora_${side}`);
    if (side === "A") pairs.push({ module, a: tensor, b: partner });
  }
  return ok(pairs);
}

function nameDifference({ namedBase, namedRevision }: AdapterConfig, base: BaseModelInfo): string | null {
  if (namedBase !== base.repo) {
    return `expected an adapter of ${base.repo}, found base_model_name_or_path ${JSON.stringify(namedBase.slice(0, 200))}`;
  }
  if (namedRevision === null || namedRevision === base.revision) return null;
  return `expected an adapter of revision ${base.revision}, found revision ${JSON.stringify(namedRevision.slice(0, 200))}`;
}

/** Embeddings and output layers have a row for each token or place: evaluators take no adapters of them. */
const isTable = ({ module, b }: Pair, vocabulary: unknown): boolean =>
  b.shape[0] === vocabulary || /(^|[._])position(s|_embeddings?)?$/.test(module);

async function layerDifference(pairs: readonly Pair[], base: BaseModelInfo): Promise<string | null> {
  const layers = await base.tensorDigests();
  for (const { module, a, b } of pairs) {
    const layer = layers.get(`${module}.weight`);
    if (!layer || layer.shape.length !== 2) return `expected layers of the base, found an adapter of ${module}`;
    const fits = b.shape[0] === layer.shape[0] && a.shape[1] === layer.shape[1];
    if (fits) continue;
    return `expected ${module} to be [${layer.shape.join(", ")}] as in the base, found an adapter of [${b.shape[0]}, ${a.shape[1]}]`;
  }
  return null;
}
