import { lexicographicSortSchema, printSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { buildApiSchema } from "../../src/schema/build-schema.ts";
import { builtInTaskTypes } from "./built-in-task-types.ts";

describe("schema.graphql", () => {
  it("is what the built-in plugins make (npm run schema writes it)", async () => {
    const schema = await buildApiSchema(builtInTaskTypes());
    await expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toMatchFileSnapshot("../../schema.graphql");
  });
});
