import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRegistry } from "../../src/core/app/registry.ts";
import { loadPlugins } from "../../src/core/infra/plugin-loader.ts";
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

it("imports packages, files and absolute paths in the order of the list", async () => {
  await write("plain.mjs", "export default 'a file';");
  await write(
    "node_modules/gradients-plugin-poem/package.json",
    JSON.stringify({ name: "gradients-plugin-poem", type: "module", exports: { ".": { default: "./main.js" } } }),
  );
  await write("node_modules/gradients-plugin-poem/main.js", "export default 'a package';");
  const specifiers = ["gradients-plugin-poem", "./plain.mjs", join(folder, "plain.mjs")];
  expect(await loadPlugins(specifiers, folder)).toEqual({
    ok: true,
    value: [
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
  const loaded = await loadPlugins(["not-installed", "./missing.mjs", "./broken.mjs", "import-only"], folder);
  expect(loaded.ok ? [] : loaded.error).toEqual([
    { code: "PLUGIN_NOT_FOUND", origin: "not-installed", message: expect.stringContaining("install the package") },
    { code: "PLUGIN_NOT_FOUND", origin: "./missing.mjs", message: expect.stringContaining(folder) },
    { code: "PLUGIN_LOAD_FAILED", origin: "./broken.mjs", message: expect.stringContaining("no luck") },
    { code: "PLUGIN_NOT_FOUND", origin: "import-only", message: expect.stringContaining(`"default"`) },
  ]);
});

it("registers all built-in plugins", () => {
  const registry = createRegistry(builtinPlugins);
  expect(registry.ok ? [] : registry.error).toEqual([]);
});
