import { z } from "zod";

/**
 * Leaves out the nulls of optional fields that zod would refuse: in GraphQL a client may write null for "not given".
 * Fields that take null keep it.
 */
export function omitNulls(schema: z.core.$ZodType, value: unknown): unknown {
  const plain = innermost(schema);
  if (Array.isArray(value)) {
    return plain instanceof z.ZodArray ? value.map((item) => omitNulls(plain.def.element, item)) : value;
  }
  if (!(plain instanceof z.ZodObject) || typeof value !== "object" || value === null) return value;
  const given = Object.entries(value).filter(([key, item]) => {
    const field = plain.shape[key];
    return item !== undefined && (item !== null || field === undefined || z.safeParse(field, null).success);
  });
  return Object.fromEntries(
    given.map(([key, item]) => [key, plain.shape[key] ? omitNulls(plain.shape[key], item) : item]),
  );
}

function innermost(schema: z.core.$ZodType): z.core.$ZodType {
  const wraps =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly;
  return wraps ? innermost(schema.def.innerType) : schema;
}
