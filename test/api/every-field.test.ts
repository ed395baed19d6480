import {
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from "graphql";
import { expect, it } from "vitest";
import { publishWeights } from "../../src/core/app/weights/publish-weights.ts";
import { ApiError } from "../../src/schema/api-error.ts";
import { buildApiSchema } from "../../src/schema/index.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { aCompetitor, anOperator, aPlayedTask } from "./a-world.ts";
import { answerTo } from "./without-server.ts";

/** A selection of all fields that need no argument; those of one type where it is first met. */
function everyField(schema: GraphQLSchema, type: GraphQLNamedType, met: Set<GraphQLNamedType>): string {
  if (met.has(type) || !(isObjectType(type) || isInterfaceType(type))) return "{ __typename }";
  met.add(type);
  const fields = Object.values(type.getFields()).flatMap(({ name, args, type: of }) => {
    if (args.some(isRequiredArgument)) return [];
    return isLeafType(getNamedType(of)) ? name : `${name} ${everyField(schema, getNamedType(of), met)}`;
  });
  const members = isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
  const own = members.map((member) => `... on ${member.name} ${everyField(schema, member, met)}`);
  return `{ __typename ${[...fields, ...own].join(" ")} }`;
}

it("answers every field that the schema has", async () => {
  await using test = await createTestApp();
  const { app } = test;
  const [alice, bob] = [await aCompetitor(app, "alice"), await aCompetitor(app, "bob")];
  const { task } = await aPlayedTask(app, { status: "SCORED", scoredAt: app.clock.now() }, [alice, bob]);
  await publishWeights(app, task.id);
  const schema = await buildApiSchema(app.registry.taskTypes.values());
  const source = everyField(schema, schema.getQueryType() as GraphQLObjectType, new Set());
  for (const token of [null, await anOperator(app), alice.token]) {
    const { data, errors = [] } = await answerTo(app, token, source);
    const unexpected = errors.filter(({ originalError }) => !(originalError instanceof ApiError));
    expect(unexpected.map(({ message, path }) => `${path?.join(".")}: ${message}`)).toEqual([]);
    expect(data).not.toBeNull();
  }
});
