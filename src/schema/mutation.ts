import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from "type-graphql";
import type { z } from "zod";
import { type AppResult, parseAll } from "../core/app/index.ts";
import { ok } from "../core/domain/index.ts";
import type { ApiContext } from "./context.ts";
import { deriveInput, type GraphqlClass } from "./derive-graphql.ts";
import { omitNulls } from "./omit-nulls.ts";
import { UserError } from "./user-error.ts";

type TypeThunk = () => unknown;

/** One mutation as data: its input, what its payload carries, and the one use case that it calls. */
export interface MutationDefinition<Input extends z.ZodObject, Value> {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  /** Payload fields; each is null where `userErrors` is not empty. */
  readonly payload: Readonly<Record<string, TypeThunk>>;
  run(context: ApiContext, input: z.output<Input>): Promise<AppResult<Value>>;
  /** Puts the use case's value into the payload's fields. */
  present(value: Value, context: ApiContext): Readonly<Record<string, unknown>>;
}

/** Makes the resolver class of a mutation `name(input): <Name>Payload!` with `userErrors` in the payload. */
export function defineMutation<Input extends z.ZodObject, Value>(
  definition: MutationDefinition<Input, Value>,
): GraphqlClass {
  const { name, description, input: schema } = definition;
  const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const Payload = payloadClass(`${typeName}Payload`, definition.payload);
  const hasInput = Object.keys(schema.shape).length > 0;

  class MutationResolver {
    async run(context: ApiContext, input: unknown): Promise<object> {
      const result = await parseAndRun(definition, context, input ?? {});
      const empty = Object.fromEntries(Object.keys(definition.payload).map((key) => [key, null]));
      return result.ok
        ? { ...empty, ...definition.present(result.value, context), userErrors: [] }
        : { ...empty, userErrors: result.error };
    }
  }
  const { prototype } = MutationResolver;
  Ctx()(prototype, "run", 0);
  if (hasInput) {
    const Input = deriveInput(`${typeName}Input`, schema);
    Arg("input", () => Input)(prototype, "run", 1);
  }
  const property = Object.getOwnPropertyDescriptor(prototype, "run") ?? {};
  Mutation(() => Payload, { name, description })(prototype, "run", property);
  Resolver()(MutationResolver);
  return MutationResolver;
}

async function parseAndRun<Input extends z.ZodObject, Value>(
  definition: MutationDefinition<Input, Value>,
  context: ApiContext,
  input: unknown,
) {
  const parsed = parseAll(definition.input, omitNulls(definition.input, input), ["input"]);
  if (!parsed.ok) return parsed;
  const result = await definition.run(context, parsed.value);
  return result.ok ? ok(result.value) : { ok: false as const, error: [result.error] };
}

function payloadClass(name: string, fields: Readonly<Record<string, TypeThunk>>): GraphqlClass {
  class Payload {}
  for (const [key, type] of Object.entries(fields)) {
    // The thunk's value is checked by type-graphql when the schema is built.
    Field(type as () => typeof String, { nullable: true })(Payload.prototype, key);
  }
  Field(() => [UserError])(Payload.prototype, "userErrors");
  ObjectType(name, { simpleResolvers: true })(Payload);
  return Payload;
}
