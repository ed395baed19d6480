import { z } from "zod";

/** Defaults (of nested objects too) that their own schema would refuse, as `path: reason`; zod itself never checks them. */
export function badDefaults(schema: z.ZodObject, path: readonly string[] = []): readonly string[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => fieldProblems(field, [...path, key]));
}

function fieldProblems(field: z.core.$ZodType, path: readonly string[]): readonly string[] {
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault) {
    const problem = refusal(field);
    return problem === null ? fieldProblems(field.def.innerType, path) : [`${path.join(".")}: ${problem}`];
  }
  if (field instanceof z.ZodOptional || field instanceof z.ZodNullable) return fieldProblems(field.def.innerType, path);
  return field instanceof z.ZodObject ? badDefaults(field, path) : [];
}

function refusal(field: z.ZodDefault | z.ZodPrefault): string | null {
  try {
    const parsed = z.safeParse(field.def.innerType, field.def.defaultValue);
    return parsed.success ? null : parsed.error.issues.map((issue) => issue.message).join(", ");
  } catch (error) {
    return `the schema throws: ${String(error)}`;
  }
}
