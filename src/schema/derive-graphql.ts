import { Field, Float, ID, InputType, Int, ObjectType } from "type-graphql";
import { z } from "zod";
import { graphqlEnum } from "./enums.ts";
import { JsonScalar } from "./scalars.ts";

/** A class that type-graphql knows: only its metadata matters. */
export type GraphqlClass = new () => object;
/** What a type-graphql thunk may return for one value (lists are wrapped outside). */
export type GraphqlType = GraphqlClass | typeof JsonScalar | Readonly<Record<string, string>> | typeof String;

/** The two classes made from one strict zod object: what is read and what is written. */
export interface DerivedClasses {
  readonly output: GraphqlClass;
  readonly input: GraphqlClass;
}
type Side = keyof DerivedClasses;

const derivedByName = new WeakMap<z.ZodObject, Map<string, DerivedClasses>>();
const boundTypes = new WeakMap<z.core.$ZodType, GraphqlType>();
const INT32_MAX = 2 ** 31 - 1;

/** Says which GraphQL type stands for a zod schema where the name is not to be derived (an enum of core's own). */
export function bindGraphqlType<Schema extends z.ZodType>(schema: Schema, type: GraphqlType): Schema {
  boundTypes.set(schema, type);
  return schema;
}

/**
 * Derives `type <name>` and `input <name>Input` from a zod object, once per schema, name and process.
 *
 * Integers become Int, uuids ID, enums GraphQL enums (String where a value is no GraphQL name), nested objects types of
 * their own, and records, unions and anything else JSON. Optional and nullable fields are nullable on both sides; a
 * field with a default is required to read and optional to write.
 */
export function deriveGraphql(name: string, schema: z.ZodObject): DerivedClasses {
  const known = derivedByName.get(schema) ?? new Map<string, DerivedClasses>();
  derivedByName.set(schema, known);
  const cached = known.get(name);
  if (cached) return cached;
  const classes: DerivedClasses = { output: class {}, input: class {} };
  known.set(name, classes);
  for (const [key, field] of Object.entries(schema.shape)) {
    for (const side of ["output", "input"] as const) addField(classes[side], { parent: name, key, field, side });
  }
  const description = schema.description === undefined ? {} : { description: schema.description };
  ObjectType(name, { ...description, simpleResolvers: true })(classes.output);
  InputType(`${name}Input`, description)(classes.input);
  return classes;
}

/** Only the input class, under the very name given; for arguments that are never read back. */
export function deriveInput(name: string, schema: z.ZodObject): GraphqlClass {
  return deriveGraphql(name.replace(/Input$/, ""), schema).input;
}

interface FieldPlace {
  readonly parent: string;
  readonly key: string;
  readonly field: z.core.$ZodType;
  readonly side: Side;
}

function addField(target: GraphqlClass, place: FieldPlace): void {
  const plain = unwrap(place.field, place.side);
  const items = unwrapList(plain.inner, place.side);
  const type = scalarOrClass(items.inner, place);
  const wrapped = Array.from({ length: items.depth }).reduce<unknown>((inner) => [inner], type);
  const options = {
    ...(plain.description === undefined ? {} : { description: plain.description }),
    ...nullability(plain, items, place.side),
    ...(place.side === "input" && plain.hasDefault && isPlainDefault(plain.defaultValue)
      ? { defaultValue: plain.defaultValue }
      : {}),
  };
  // The thunk's value is checked by type-graphql when the schema is built.
  Field(() => wrapped as typeof String, options)(target.prototype, place.key);
}

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  readonly defaultValue: unknown;
  readonly description: string | undefined;
}

function unwrap(schema: z.core.$ZodType, side: Side): Unwrapped {
  let inner = schema;
  let nullable = false;
  let hasDefault = false;
  let defaultValue: unknown;
  let description: string | undefined;
  for (;;) {
    description ??= inner instanceof z.ZodType ? inner.description : undefined;
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      hasDefault = true;
      defaultValue = inner.def.defaultValue;
      inner = inner.def.innerType;
    } else if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
      nullable = true;
      inner = inner.def.innerType;
    } else if (inner instanceof z.ZodReadonly) {
      inner = inner.def.innerType;
    } else if (inner instanceof z.ZodPipe) {
      inner = side === "input" ? inner.def.in : inner.def.out;
    } else {
      return { inner, nullable, hasDefault, defaultValue, description };
    }
  }
}

interface ListItems {
  readonly inner: z.core.$ZodType;
  readonly depth: number;
  readonly nullableItems: boolean;
}

function unwrapList(schema: z.core.$ZodType, side: Side): ListItems {
  let inner = schema;
  let depth = 0;
  let nullableItems = false;
  while (inner instanceof z.ZodArray && !boundTypes.has(inner)) {
    const element = unwrap(inner.def.element, side);
    inner = element.inner;
    nullableItems = element.nullable;
    depth += 1;
  }
  return { inner, depth, nullableItems };
}

function nullability(
  plain: Unwrapped,
  items: ListItems,
  side: Side,
): { nullable?: boolean | "items" | "itemsAndList" } {
  const mayBeLeftOut = side === "input" && plain.hasDefault && !isPlainDefault(plain.defaultValue);
  const nullable = plain.nullable || mayBeLeftOut;
  if (items.nullableItems) return { nullable: nullable ? "itemsAndList" : "items" };
  return nullable ? { nullable: true } : {};
}

/** Defaults that GraphQL can print itself: then null is refused and leaving out means the default. */
function isPlainDefault(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value) || (Array.isArray(value) && value.length === 0);
}

function scalarOrClass(schema: z.core.$ZodType, { parent, key, side }: FieldPlace): GraphqlType {
  const bound = boundTypes.get(schema);
  if (bound) return bound;
  const name = `${parent}${key.charAt(0).toUpperCase()}${key.slice(1)}`;
  if (schema instanceof z.ZodObject) return deriveGraphql(name, schema)[side];
  if (schema instanceof z.ZodEnum) return enumType(name, schema);
  if (schema instanceof z.ZodNumber) return numberType(schema);
  if (schema instanceof z.ZodBoolean) return Boolean as GraphqlClass;
  if (schema instanceof z.ZodUUID) return ID;
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return String;
  if (schema instanceof z.ZodLiteral && schema.def.values.every((value) => typeof value === "string")) return String;
  return JsonScalar;
}

function numberType(schema: z.ZodNumber): GraphqlType {
  const max = schema.maxValue ?? Infinity;
  const tooLarge = max > INT32_MAX && max < Number.MAX_SAFE_INTEGER;
  return schema.isInt && !tooLarge ? Int : Float;
}

const GRAPHQL_NAME = /^(?!__|true$|false$|null$)[A-Za-z_][A-Za-z0-9_]*$/;

function enumType(name: string, schema: z.ZodEnum): GraphqlType {
  const values = schema.options.map(String);
  if (!values.every((value) => GRAPHQL_NAME.test(value))) return String;
  const type = graphqlEnum(name, values, schema.description);
  boundTypes.set(schema, type);
  return type;
}
