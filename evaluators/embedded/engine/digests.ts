import { createHash } from "node:crypto";
import type { Weights } from "./weights.ts";

/**
 * sha256 of each tensor over its name, dtype, shape and little-endian bytes: independent of the file's order of
 * tensors, padding and metadata.
 */
export function tensorDigests(weights: Weights): ReadonlyMap<string, string> {
  return new Map(
    [...weights.keys()].sort().flatMap((name) => {
      const tensor = weights.get(name);
      if (tensor === undefined) return [];
      const { shape, data } = tensor;
      const hash = createHash("sha256").update(JSON.stringify([name, "F32", shape]));
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return [[name, hash.digest("hex")]];
    }),
  );
}

/** One sha256 for a set of tensors, from tensorDigests. */
export function weightsDigest(weights: Weights): string {
  return createHash("sha256")
    .update(JSON.stringify([...tensorDigests(weights)]))
    .digest("hex");
}

/** Whether an adapter in PEFT's layout changes nothing: in every module all of A or all of B is zero. */
export function isZeroDelta(adapter: Weights): boolean {
  const zero = (name: string): boolean => adapter.get(name)?.data.every((value) => value === 0) ?? true;
  return [...adapter.keys()]
    .filter((name) => name.endsWith(".lora_A.weight"))
    .every((name) => zero(name) || zero(name.replace(/\.lora_A\.weight$/, ".lora_B.weight")));
}
