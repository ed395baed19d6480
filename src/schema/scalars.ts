import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";
import type { Json } from "../core/contract/index.ts";

/** A moment in ISO 8601 with a time zone, always answered in UTC with milliseconds. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description: "A moment in ISO 8601, for example 2026-11-22T08:00:00.000Z.",
  serialize: (value) => {
    const date = value instanceof Date ? value : new Date(String(value));
    if (Number.isNaN(date.getTime())) throw new TypeError("DateTime cannot represent an invalid date");
    return date.toISOString();
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function parseDateTime(value: unknown): Date {
  if (typeof value === "string" && ISO_8601.test(value)) {
    const date = new Date(value);
    if (!Number.isNaN(date.getTime())) return date;
  }
  throw new GraphQLError("DateTime must be an ISO 8601 string with a time zone, for example 2026-11-22T08:00:00Z");
}

/** Far below what recursive readers of JSON can take. */
const MAX_JSON_LEVELS = 64;

/** Any JSON value that is not nested too deeply; objects and lists are passed through as they are. */
export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: "JSON",
  description: `Any JSON value of at most ${MAX_JSON_LEVELS} levels.`,
  serialize: (value) => value,
  parseValue: parseJson,
  parseLiteral: (node, variables) => parseJson(literalToJson(node, variables ?? {})),
});

function parseJson(value: unknown): unknown {
  if (!hasMoreLevels(value, MAX_JSON_LEVELS)) return value;
  throw new GraphQLError(`JSON takes at most ${MAX_JSON_LEVELS} levels of lists and objects`);
}

const hasMoreLevels = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((item) => hasMoreLevels(item, levels - 1)));

function literalToJson(node: ValueNode, variables: Readonly<Record<string, unknown>>): Json {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((value) => literalToJson(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalToJson(value, variables)]));
    case Kind.VARIABLE:
      // The variable was coerced by its own declared type before.
      return variables[node.name.value] as Json;
    default:
      throw new GraphQLError(`JSON cannot hold the enum value ${node.value}: write it as a string`);
  }
}
