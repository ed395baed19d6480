import { readFile } from "node:fs/promises";
import { generate, loadContext } from "@graphql-codegen/cli";
import { describe, expect, it } from "vitest";

describe("src/sdk/generated", () => {
  it("is what codegen makes of schema.graphql and the documents (npm run codegen writes it)", async () => {
    const context = await loadContext("codegen.yml");
    context.updateConfig({ silent: true });
    const files: readonly { filename: string; content: string }[] = await generate(context, false);
    expect(files.map(({ filename }) => filename)).toEqual(["src/sdk/generated/graphql.ts"]);
    for (const { filename, content } of files) expect(content).toBe(await readFile(filename, "utf8"));
  });
});
