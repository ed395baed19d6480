import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { createRegistry } from "../../src/core/app/registry.ts";
import { isPlugin } from "../../src/core/app/plugin-schema.ts";
import { loadPlugins, type LoadedPlugins } from "../../src/core/infra/plugin-loader.ts";
import { builtinPlugins } from "../../src/plugins/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-loader-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), content);
}

const load = (list: readonly string[]) => loadPlugins(list, { from: folder, builtin: builtinPlugins });
const builtinNames = builtinPlugins.map(({ plugin }) => plugin.name);
const namesOf = ({ entries }: LoadedPlugins) =>
  entries.flatMap(({ plugin }) => (isPlugin(plugin) ? [plugin.name] : []));

it("imports packages, files and absolute paths in the order of the list", async () => {
  await write("plain.mjs", "export default 'a file';");
  await write(
    "node_modules/gradients-plugin-poem/package.json",
    JSON.stringify({ name: "gradients-plugin-poem", type: "module", exports: { ".": { default: "./main.js" } } }),
  );
  await write("node_modules/gradients-plugin-poem/main.js", "export default 'a package';");
  const specifiers = ["gradients-plugin-poem", "./plain.mjs", join(folder, "plain.mjs")];
  expect(await load(specifiers)).toEqual({
    problems: [],
    entries: [
      { plugin: "a package", origin: "gradients-plugin-poem" },
      { plugin: "a file", origin: "./plain.mjs" },
      { plugin: "a file", origin: join(folder, "plain.mjs") },
    ],
  });
});

it("reports everything that can't be imported, by name and reason", async () => {
  await write("broken.mjs", "throw new Error('no luck');");
  await write(
    "node_modules/import-only/package.json",
    JSON.stringify({ name: "import-only", exports: { ".": { import: "./main.js" } } }),
  );
  const { problems } = await load(["not-installed", "./missing.mjs", "./broken.mjs", "import-only"]);
  expect(problems).toEqual([
    { code: "PLUGIN_NOT_FOUND", origin: "not-installed", message: expect.stringContaining("install the package") },
    { code: "PLUGIN_NOT_FOUND", origin: "./missing.mjs", message: expect.stringContaining(folder) },
    { code: "PLUGIN_LOAD_FAILED", origin: "./broken.mjs", message: expect.stringContaining("no luck") },
    { code: "PLUGIN_NOT_FOUND", origin: "import-only", message: expect.stringContaining(`"default"`) },
  ]);
});

it("puts the built-in plugins where the list says so, without those that it leaves out", async () => {
  await write("plain.mjs", "export default 'a file';");
  expect(namesOf(await load(["builtin"]))).toEqual(builtinNames);
  const [first, second] = builtinNames;
  const loaded = await load(["./plain.mjs", `-${first}`, "builtin", `-${second}`, "builtin"]);
  expect(loaded).toMatchObject({ problems: [], entries: [{ plugin: "a file" }, ...builtinPlugins.slice(2)] });
  expect(loaded.entries.map(({ builtin }) => builtin)).toEqual([undefined, ...builtinNames.slice(2).map(() => true)]);
  expect((await load(["./plain.mjs"])).entries).toHaveLength(1);
});

it("says which built-in plugins there are where an unknown one is left out", async () => {
  const { problems } = await load(["builtin", "-imagery"]);
  expect(problems).toEqual([
    { code: "PLUGIN_NOT_FOUND", origin: "-imagery", message: expect.stringContaining(builtinNames.join(", ")) },
  ]);
});

it("registers all built-in plugins, and knows which of them provides a type", async () => {
  const registry = createRegistry((await load(["builtin"])).entries);
  if (!registry.ok) throw new Error(registry.error.map(({ message }) => message).join("\n"));
  for (const kind of registry.value.taskTypes.keys()) {
    expect(registry.value.pluginOf(kind)).toMatchObject({ builtin: true, origin: expect.stringContaining("built-in") });
  }
  expect(() => registry.value.pluginOf("poem")).toThrow(RangeError);
});

it("names the plugin whose schema throws", () => {
  const plugin = builtinPlugins.find(({ plugin: { provides } }) => provides[0]?.type === "anti-gaming-rule")?.plugin;
  const options = z.strictObject({}).refine(() => {
    throw new Error("no luck");
  });
  const broken = { ...plugin, provides: plugin?.provides.map((rule) => ({ ...rule, options })) };
  const registry = createRegistry([{ plugin: broken, origin: "some-package" }]);
  expect(registry.ok ? [] : registry.error).toEqual([
    {
      code: "PLUGIN_BAD_DEFAULTS",
      origin: "some-package",
      message: expect.stringContaining("the schema throws: no luck"),
    },
  ]);
});
