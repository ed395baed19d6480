import { createHash } from "node:crypto";
import type { StaticFacts } from "../../../contract/index.ts";
import { compareIds } from "../../../domain/index.ts";
import type { StaticVerdict } from "../../records.ts";
import type { TensorFact } from "../safetensors/index.ts";
import { invalid, VALID } from "../static-verdict.ts";

/** What intake found out about a sealed model; no facts where the files can't even be read. */
export interface Inspection {
  readonly verdict: StaticVerdict;
  readonly facts: StaticFacts | null;
}

/** The files break the format. */
export function malformed(message: string): Inspection {
  return { verdict: invalid("MALFORMED_MODEL", message), facts: null };
}

/** Every loss of such a model would be NaN. */
export function notFinite(tensor: string): Inspection {
  return malformed(`expected finite weights, found NaN or infinity in ${tensor}`);
}

/** The files bring code along, or something that can hold code: nobody opens them. */
export function unsafe(message: string): Inspection {
  return { verdict: invalid("UNSAFE_MODEL", message), facts: null };
}

/** Something of the base's is there with other content, which no evaluator would use. */
export function swapped(message: string): Inspection {
  return { verdict: invalid("WRONG_BASE", message), facts: null };
}

/** Readable, but a model that does not belong to the task's base: it can't be evaluated against it. */
export function notOfThisBase(message: string, facts: StaticFacts): Inspection {
  return { verdict: invalid("WRONG_BASE", message), facts };
}

/** May be evaluated; what the facts mean is for the rules to say. */
export function valid(facts: StaticFacts): Inspection {
  return { verdict: VALID, facts };
}

/** sha256 (hex) over the tensors' own digests in the order of names, and over what else makes the model (`extra`). */
export function modelDigest(
  tensors: readonly TensorFact[],
  extra: readonly (readonly [string, number])[] = [],
): string {
  const lines = tensors.map(({ name, sha256 }) => [name, sha256] as const);
  const sorted = lines.toSorted(([a], [b]) => compareIds(a, b));
  return createHash("sha256")
    .update(JSON.stringify([...sorted, ...extra]))
    .digest("hex");
}
