import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packageFolder } from "../../src/core/infra/package-folder.ts";

let folder = "";
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "gradients-copies-")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** A package that says where its copies of the shared packages are. */
async function writePackage(path: string, manifest: object, code: string): Promise<void> {
  await write(`${path}/package.json`, JSON.stringify({ type: "module", exports: "./dist/main.js", ...manifest }));
  // Says how files are read, and is no package of its own.
  await write(`${path}/dist/package.json`, JSON.stringify({ type: "module" }));
  await write(`${path}/dist/main.js`, code);
}

const copyOf = (name: string) =>
  `export const z = ${JSON.stringify(`the ${name} of its own`)}; export const GraphQLError = z, definePlugin = z;`;

async function writeOwnCopies(path: string): Promise<void> {
  for (const name of ["zod", "graphql", "gradients"]) {
    const exports = { ".": "./main.js", "./plugin": "./main.js" };
    await write(`${path}/node_modules/${name}/package.json`, JSON.stringify({ name, type: "module", exports }));
    await write(`${path}/node_modules/${name}/main.js`, copyOf(name));
  }
}

const asksForAll = `
  import { z } from "zod";
  import { GraphQLError } from "graphql";
  import { definePlugin } from "gradients/plugin";
  export default { z, GraphQLError, definePlugin };`;

/** Loads a list in a process of its own and says, for each plugin and shared package, whose copy it was given. */
async function copiesOf(list: readonly string[]): Promise<unknown> {
  const host = (path: string) => JSON.stringify(pathToFileURL(join(packageFolder, path)).href);
  const code = `
    const { loadPlugins } = await import(${host("dist/src/core/infra/plugin-loader.js")});
    const { z } = await import(${host("node_modules/zod/index.js")});
    const { GraphQLError } = await import(${host("node_modules/graphql/index.js")});
    const { definePlugin } = await import(${host("dist/src/core/contract/index.js")});
    const host = { z, GraphQLError, definePlugin };
    const { entries, problems } = await loadPlugins(${JSON.stringify(list)}, { from: ${JSON.stringify(folder)}, builtin: [] });
    const say = (exported) => Object.fromEntries(
      Object.entries(exported).map(([name, value]) => [name, value === host[name] ? "host" : typeof value === "object" && !value._zod ? say(value) : String(value)]));
    console.log(JSON.stringify({ copies: entries.map(({ plugin }) => say(plugin)), problems }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: folder,
  });
  const { copies, problems }: { copies: unknown; problems: unknown } = JSON.parse(stdout);
  expect(problems).toEqual([]);
  return copies;
}

const allOfTheHost = { z: "host", GraphQLError: "host", definePlugin: "host" };

it("a plugin gets the host's copies, installed or linked, whatever lies in its node_modules", async () => {
  await writePackage("node_modules/installed", { name: "installed" }, asksForAll);
  await writeOwnCopies("node_modules/installed");
  await writePackage("elsewhere/linked", { name: "@some/linked" }, asksForAll);
  await writeOwnCopies("elsewhere/linked");
  await mkdir(join(folder, "node_modules/@some"), { recursive: true });
  await symlink(join(folder, "elsewhere/linked"), join(folder, "node_modules/@some/linked"), "junction");
  await write("plain/rule.mjs", asksForAll);
  await writeOwnCopies("plain");
  expect(await copiesOf(["installed", "@some/linked", "./plain/rule.mjs"])).toEqual([
    allOfTheHost,
    allOfTheHost,
    allOfTheHost,
  ]);
});

it("a plugin finds the host's copies where nothing is installed beside it", async () => {
  await writePackage("node_modules/bare", { name: "bare" }, asksForAll);
  expect(await copiesOf(["bare"])).toEqual([allOfTheHost]);
});

it("what a plugin depends on keeps its own copies, unless it is made for Gradients too", async () => {
  const code = `import * as theirs from "theirs"; import * as kit from "kit"; export default { theirs: theirs.default, kit: kit.default };`;
  await writePackage("node_modules/plugin", { name: "plugin" }, code);
  const asksForZod = `import { z } from "zod"; export default { z };`;
  await writePackage("node_modules/plugin/node_modules/theirs", { name: "theirs" }, asksForZod);
  await writeOwnCopies("node_modules/plugin/node_modules/theirs");
  await writePackage(
    "node_modules/plugin/node_modules/kit",
    { name: "kit", peerDependencies: { gradients: "*" } },
    asksForZod,
  );
  await writeOwnCopies("node_modules/plugin/node_modules/kit");
  expect(await copiesOf(["plugin"])).toEqual([{ theirs: { z: "the zod of its own" }, kit: { z: "host" } }]);
});
