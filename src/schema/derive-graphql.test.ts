import "reflect-metadata";
import {
  GraphQLInputObjectType,
  GraphQLObjectType,
  isNonNullType,
  printType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";
import { Arg, buildSchema, Query, Resolver } from "type-graphql";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createRegistry } from "../core/app/index.ts";
import { builtinPlugins } from "../plugins/index.ts";
import { deriveGraphql } from "./derive-graphql.ts";
import { omitNulls } from "./omit-nulls.ts";

async function schemaOf(name: string, spec: z.ZodObject): Promise<GraphQLSchema> {
  const { output, input } = deriveGraphql(name, spec);
  @Resolver()
  class Probe {
    @Query(() => output)
    probe(@Arg("input", () => input) _input: object): object {
      return {};
    }
  }
  return buildSchema({ resolvers: [Probe], validate: false });
}

const print = (type: GraphQLNamedType | undefined): string => (type ? printType(type) : "");

describe("deriveGraphql", () => {
  it("makes types of every kind of field", async () => {
    const schema = await schemaOf(
      "Sample",
      z.strictObject({
        id: z.uuid(),
        count: z.int().min(1).describe("How many."),
        large: z.int().max(2 ** 40),
        rate: z.number().default(0.5),
        text: z.string().optional(),
        url: z.url().nullable(),
        on: z.boolean().default(false),
        mode: z.enum(["FAST", "SLOW"]).default("FAST"),
        style: z.enum(["a-b", "c d"]),
        only: z.literal("x"),
        tags: z.array(z.string()).default([]),
        grid: z.array(z.array(z.int())),
        gaps: z.array(z.number().nullable()),
        nested: z.strictObject({ deep: z.int() }).prefault({ deep: 1 }),
        weights: z.array(z.strictObject({ name: z.string(), weight: z.number() })),
        anything: z.record(z.string(), z.json()),
        either: z.union([z.string(), z.int()]),
      }),
    );
    expect(print(schema.getType("Sample"))).toBe(`type Sample {
  id: ID!

  """How many."""
  count: Int!
  large: Float!
  rate: Float!
  text: String
  url: String
  on: Boolean!
  mode: SampleMode!
  style: String!
  only: String!
  tags: [String!]!
  grid: [[Int!]!]!
  gaps: [Float]!
  nested: SampleNested!
  weights: [SampleWeights!]!
  anything: JSON!
  either: JSON!
}`);
    expect(print(schema.getType("SampleInput"))).toBe(`input SampleInput {
  id: ID!

  """How many."""
  count: Int!
  large: Float!
  rate: Float! = 0.5
  text: String
  url: String
  on: Boolean! = false
  mode: SampleMode! = FAST
  style: String!
  only: String!
  tags: [String!]! = []
  grid: [[Int!]!]!
  gaps: [Float]!
  nested: SampleNestedInput
  weights: [SampleWeightsInput!]!
  anything: JSON!
  either: JSON!
}`);
    expect(print(schema.getType("SampleMode"))).toBe("enum SampleMode {\n  FAST\n  SLOW\n}");
  });

  it("makes the same classes again for the same schema and name", () => {
    const spec = z.strictObject({ a: z.int() });
    expect(deriveGraphql("Twice", spec)).toBe(deriveGraphql("Twice", spec));
    expect(deriveGraphql("Thrice", spec)).not.toBe(deriveGraphql("Twice", spec));
  });
});

const registry = createRegistry(builtinPlugins);
const types = registry.ok ? [...registry.value.taskTypes.values()] : [];

describe.each(types.map((type) => [type.graphqlName, type] as const))("the spec of %s", (name, type) => {
  it("has the same fields in zod and GraphQL, and a field may be left out in both or in neither", async () => {
    const schema = await schemaOf(`${name}Spec`, type.spec);
    const [output, input] = [schema.getType(`${name}Spec`), schema.getType(`${name}SpecInput`)];
    if (!(output instanceof GraphQLObjectType && input instanceof GraphQLInputObjectType)) throw new Error("no types");
    const keys = Object.keys(type.spec.shape);
    expect(Object.keys(output.getFields())).toEqual(keys);
    expect(Object.keys(input.getFields())).toEqual(keys);
    for (const [key, field] of Object.entries(input.getFields())) {
      const zodTakesNothing = z.safeParse(type.spec.shape[key] ?? z.never(), undefined).success;
      const graphqlTakesNothing = !isNonNullType(field.type) || field.defaultValue !== undefined;
      expect([key, graphqlTakesNothing]).toEqual([key, zodTakesNothing]);
    }
  });
});

describe("omitNulls", () => {
  const schema = z.strictObject({
    optional: z.string().optional(),
    nullable: z.string().nullable(),
    nested: z.strictObject({ optional: z.int().default(3) }).optional(),
    list: z.array(z.strictObject({ optional: z.string().optional() })).optional(),
  });

  it("leaves out the nulls that zod would refuse, at every depth, and keeps the others", () => {
    const given = {
      optional: null,
      nullable: null,
      nested: { optional: null },
      list: [{ optional: null }, { optional: "x" }],
    };
    const parsed = schema.parse(omitNulls(schema, given));
    expect(parsed).toEqual({ nullable: null, nested: { optional: 3 }, list: [{}, { optional: "x" }] });
  });

  it("keeps what it does not know, so that strict schemas can refuse it", () => {
    expect(schema.safeParse(omitNulls(schema, { nullable: "x", unknown: 1 })).success).toBe(false);
  });
});
