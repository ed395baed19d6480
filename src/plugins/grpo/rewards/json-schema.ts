import { z } from "zod";
import { defineReward } from "./builtin-reward.ts";

const size = z.int().nonnegative();

/** The part of JSON Schema that the reward knows; any other keyword is an error. */
const schema = z.strictObject({
  type: z.enum(["object", "array", "string", "number", "integer", "boolean", "null"]).optional(),
  enum: z.array(z.json()).min(1).optional(),
  const: z.json().optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.literal(false).optional(),
  minItems: size.optional(),
  maxItems: size.optional(),
  minLength: size.optional(),
  maxLength: size.optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  get properties() {
    return z.record(z.string(), schema).optional();
  },
  get items() {
    return schema.optional();
  },
});

export const jsonSchema = defineReward({
  id: "json-schema",
  version: 1,
  description: "1 where the completion is JSON that the schema (a part of JSON Schema) accepts; else 0.",
  range: { min: 0, max: 1 },
  params: z.strictObject({ schema }),
  source: String.raw`
function typeOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

// JSON text with sorted keys: equal values have equal texts.
function text(value) {
  if (typeOf(value) === "array") return "[" + value.map(text).join() + "]";
  if (typeOf(value) !== "object") return JSON.stringify(value);
  return "{" + Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + text(value[key])).join() + "}";
}

const within = (size, least, most) => !(size < least) && !(size > most);
const has = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

function accepts(schema, value) {
  const type = typeOf(value);
  if (schema.type === "integer" ? !Number.isInteger(value) : schema.type !== undefined && schema.type !== type) return false;
  if (has(schema, "const") && text(schema.const) !== text(value)) return false;
  if (schema.enum && !schema.enum.some((allowed) => text(allowed) === text(value))) return false;
  if (type === "number") return within(value, schema.minimum, schema.maximum);
  if (type === "string") return within(Array.from(value).length, schema.minLength, schema.maxLength);
  if (type === "array") {
    if (!within(value.length, schema.minItems, schema.maxItems)) return false;
    return !schema.items || value.every((item) => accepts(schema.items, item));
  }
  if (type !== "object") return true;
  const properties = schema.properties || {};
  if (!(schema.required || []).every((key) => has(value, key))) return false;
  return Object.keys(value).every((key) =>
    has(properties, key) ? accepts(properties[key], value[key]) : schema.additionalProperties !== false,
  );
}

function reward({ completions, params }) {
  return completions.map((completion) => {
    let value;
    try {
      value = JSON.parse(completion);
    } catch {
      return 0;
    }
    return accepts(params.schema, value) ? 1 : 0;
  });
}
`,
});
