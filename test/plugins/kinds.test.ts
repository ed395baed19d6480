import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRegistry } from "../../src/core/app/index.ts";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { builtinPlugins } from "../../src/plugins/index.ts";

const registry = createRegistry(builtinPlugins);
if (!registry.ok) throw new Error(registry.error.map(({ message }) => message).join("\n"));
const types = [...registry.value.taskTypes.values()];

/** A kind that is an ordinary word as well: it may be written for other reasons, each of which stands here. */
const ORDINARY_WORDS: Readonly<Record<string, readonly RegExp[]>> = {
  image: [
    // Rows of the objective denoise have a field of this name (docs/evaluator-protocol.md).
    /required=\("image", "caption"\)|\brow\["image"\], "image"/g,
    // What a container is started from.
    /"docker":\s*\{\s*"image":/g,
  ],
};

/** Every source of the server, the SDK, the command line and the evaluators that is not under src/plugins. */
const sources = ["src", "evaluators", "migrations", "templates"].flatMap((folder) =>
  filesOf(join(packageFolder, folder))
    .filter((path) => /\.(ts|tsx|js|mjs|py|graphql|html|template)$/.test(path) && !path.endsWith(".test.ts"))
    .filter((path) => !path.startsWith(join(packageFolder, "src", "plugins")))
    .map((path) => ({ path: path.slice(packageFolder.length + 1), text: readFileSync(path, "utf8") })),
);

function filesOf(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const naming = (pattern: RegExp, otherUses: readonly RegExp[] = []) =>
  sources
    .filter(({ text }) => pattern.test(otherUses.reduce((rest, use) => rest.replace(use, ""), text)))
    .map(({ path }) => path);

describe("a kind of tasks is nobody's business but its plugin's", () => {
  it.each(types.map(({ kind }) => kind))("no file outside of src/plugins has the literal of %s", (kind) => {
    expect(naming(new RegExp(`["'\`]${kind}["'\`]`), ORDINARY_WORDS[kind])).toEqual([]);
  });

  const distinctive = types.map(({ kind }) => kind).filter((kind) => !(kind in ORDINARY_WORDS));
  it.each(distinctive)("no file outside of src/plugins has the word %s, not even as a key or in a comment", (kind) => {
    expect(naming(new RegExp(`\\b${kind}\\b`, "i"))).toEqual([]);
  });

  it.each(types.map(({ graphqlName }) => graphqlName))("no file outside of src/plugins names %s", (graphqlName) => {
    expect(naming(new RegExp(`\\b(create|Create)?${graphqlName}`))).toEqual([]);
  });

  it("looks at sources at all", () => {
    expect(sources.length).toBeGreaterThan(300);
    expect(naming(/createRegistry/)).toContain(join("src", "core", "app", "registry.ts"));
    for (const folder of [
      ["src", "cli"],
      ["src", "sdk"],
      ["src", "schema"],
      ["evaluators"],
      ["migrations"],
      ["templates"],
    ])
      expect(sources.some(({ path }) => path.startsWith(join(...folder)))).toBe(true);
  });

  it("nothing of the example's task type is in this package's sources, its data aside", () => {
    expect(naming(/ChatTask\b|kind: "chat"|examples\/plugin-chat/)).toEqual([]);
  });
});
