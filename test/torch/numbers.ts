import type { z } from "zod";

type Json = z.core.util.JSONType;

/** The largest difference of two numbers at the same place; infinite where anything else differs, a text or a length. */
export function largestDifference(own: Json | undefined, reference: Json | undefined): number {
  if (typeof own === "number" && typeof reference === "number") return Math.abs(own - reference);
  if (isContainer(own) && isContainer(reference)) {
    const [entries, others] = [new Map(Object.entries(own)), new Map(Object.entries(reference))];
    if (Array.isArray(own) !== Array.isArray(reference) || entries.size !== others.size) return Infinity;
    return [...entries].reduce((most, [key, value]) => Math.max(most, largestDifference(value, others.get(key))), 0);
  }
  return own === reference ? 0 : Infinity;
}

const isContainer = (value: Json | undefined): value is Json[] | { [key: string]: Json } =>
  typeof value === "object" && value !== null;
