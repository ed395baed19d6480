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

it("finds the main file of a package in a folder, with and without exports, in CommonJS too", async () => {
  await write("with exports/package.json", JSON.stringify({ name: "a", type: "module", exports: "./lib/main.js" }));
  await write("with exports/lib/main.js", "export default 'exported';");
  await write("old/package.json", JSON.stringify({ name: "b", main: "./main.cjs" }));
  await write("old/main.cjs", "module.exports = 'main';");
  const { entries, problems } = await load(["./with exports", "./old"]);
  expect(problems).toEqual([]);
  expect(entries.map(({ plugin }) => plugin)).toEqual(["exported", "main"]);
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

it("names the plugin that would hold up or end the process, or change the language for all others", async () => {
  await write("waits.mjs", "setInterval(() => {}, 1e6).unref(); await new Promise(() => {});");
  await write("exits.mjs", "process.exit(3);");
  await write("odd.mjs", "throw { toString() { throw new Error('no text'); } };");
  await write("replaces.mjs", "const { map } = Array.prototype; Array.prototype.flatMap = map; export default 1;");
  await write("adds.mjs", "Object.prototype.extra = 1; export default 1;");
  await write("polyfills.mjs", "Object.defineProperty(Array.prototype, 'extra', { value: 1 }); export default 1;");
  const exit = Reflect.get(process, "exit");
  const waiting = await loadPlugins(["./waits.mjs"], { from: folder, builtin: [], withinMs: 1 });
  expect(waiting.problems[0]?.message).toContain("./waits.mjs failed: it was not there after 0.001 s");
  const files = ["exits", "odd", "replaces", "adds", "polyfills"].map((name) => `./${name}.mjs`);
  const { entries, problems } = await load(files);
  expect(problems.map(({ code, origin }) => `${code} ${origin}`)).toEqual(
    files.slice(0, -1).map((file) => `PLUGIN_LOAD_FAILED ${file}`),
  );
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringContaining("it called process.exit(3)"),
    expect.stringContaining("toString"),
    expect.stringContaining("it changed what all modules share: Array.prototype.flatMap"),
    expect.stringContaining("Object.prototype.extra"),
  ]);
  expect(entries).toEqual([{ plugin: 1, origin: "./polyfills.mjs" }]);
  expect([[1], [2]].flatMap((list) => list)).toEqual([1, 2]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Reflect.get(process, "exit")).toBe(exit);
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
