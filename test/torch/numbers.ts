import type { z } from "zod";

type Json = z.core.util.JSONType;

/**
 * The largest difference of two numbers at the same place; infinite where anything else differs, a text or a length.
 * Divergences (`kl`) above 1 count in proportion: the estimator multiplies an error of a logarithm by e^d − 1.
 */
export function largestDifference(own: Json | undefined, reference: Json | undefined, name = ""): number {
  if (typeof own === "number" && typeof reference === "number")
    return Math.abs(own - reference) / (name === "kl" ? Math.max(1, reference) : 1);
  if (isContainer(own) && isContainer(reference)) {
    const [entries, others] = [new Map(Object.entries(own)), new Map(Object.entries(reference))];
    if (Array.isArray(own) !== Array.isArray(reference) || entries.size !== others.size) return Infinity;
    return [...entries].reduce(
      (most, [key, value]) => Math.max(most, largestDifference(value, others.get(key), key)),
      0,
    );
  }
  return own === reference ? 0 : Infinity;
}

const isContainer = (value: Json | undefined): value is Json[] | { [key: string]: Json } =>
  typeof value === "object" && value !== null;
