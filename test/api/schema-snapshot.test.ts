import { lexicographicSortSchema, printSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { createRegistry } from "../../src/core/app/index.ts";
import { builtinPlugins } from "../../src/plugins/index.ts";
import { buildApiSchema } from "../../src/schema/index.ts";

describe("schema.graphql", () => {
  it("is what the built-in plugins make (npm run schema writes it)", async () => {
    const registry = createRegistry(builtinPlugins);
    if (!registry.ok) throw new Error(registry.error.map(({ message }) => message).join("\n"));
    const schema = await buildApiSchema(registry.value.taskTypes.values());
    await expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toMatchFileSnapshot("../../schema.graphql");
  });
});
