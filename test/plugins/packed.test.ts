import { cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { runNode } from "../helpers/run-program.ts";
import { link, testPackage } from "./an-author.ts";
import { npmList } from "./an-operator.ts";

/** A folder in which Gradients is installed as it would be packed: nothing of the repository beside it. */
let home = "";
let installed = "";
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "gradients-packed-")));
  installed = join(home, "node_modules", "gradients");
  for (const path of await npmList(packageFolder)) await cp(join(packageFolder, path), join(installed, path));
  // All that a server needs; vitest is the author's to install.
  for (const entry of await readdir(join(packageFolder, "node_modules"))) {
    if (entry !== "vitest")
      await link(join(packageFolder, "node_modules", entry), join(installed, "node_modules", entry));
  }
  await link(join(packageFolder, "node_modules", "zod"), join(home, "node_modules", "zod"));
  await writeFile(join(home, "package.json"), JSON.stringify({ name: "somebody", type: "module", private: true }));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const rule = (marginType: string) => `
  import { defineTaskRule, type Row, type TaskType } from "gradients/plugin";
  import { aField, testAntiGamingRule } from "gradients/plugin/testing";
  import { createClient } from "gradients/sdk";
  import { z } from "zod";
  export const row: Row = { question: "Why?" };
  export type Kinds = TaskType["kind"];
  export const client = createClient({ url: "http://localhost:4000" });
  export const rule = defineTaskRule({
    name: "a-rule", source: "a test", description: "A rule", options: z.strictObject({ margin: z.number().default(0) }),
    judge: ({ submissions }, { margin }) => {
      const typed: ${marginType} = margin;
      return { findings: [], notices: submissions.length > typed ? [] : [] };
    },
  });
  testAntiGamingRule(rule, { caught: [], clean: [{ name: "nobody", judged: aField({ submissions: [] }) }] });`;

async function compile(name: string, code: string): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  await writeFile(join(folder, "rule.ts"), code);
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["rule.ts"] }));
  const { stdout } = await runNode([join(packageFolder, "node_modules/typescript/bin/tsc"), "-p", folder], { folder });
  return stdout;
}

it("a package elsewhere imports the entry points with their types", async () => {
  expect(await compile("right", rule("number"))).toBe("");
  expect(await compile("wrong", rule("string"))).toMatch(
    /rule\.ts\(\d+,\d+\): error TS\d+: Type 'number' is not assignable to type 'string'/,
  );
});

it("a package elsewhere imports what the types promise", async () => {
  const code = `
    import * as plugin from "gradients/plugin";
    import * as testing from "gradients/plugin/testing";
    import * as sdk from "gradients/sdk";
    console.log(JSON.stringify([plugin, testing, sdk].map((module) => Object.keys(module))));`;
  const { stdout, stderr } = await runNode(["--input-type=module", "--eval", code], { folder: home });
  expect(stderr).toBe("");
  const [plugin, testing, sdk] = z.array(z.array(z.string())).parse(JSON.parse(stdout));
  expect(plugin).toEqual(
    expect.arrayContaining(["definePlugin", "defineTaskType", "openEvaluatorSession", "weightedTextLoss"]),
  );
  expect(testing).toEqual(expect.arrayContaining(["testPlugin", "testTaskType", "aField", "scriptedEvaluator"]));
  expect(sdk).toEqual(expect.arrayContaining(["createClient", "runMiner"]));
});

it("the packed command line makes and checks plugins", async () => {
  const cli = join(installed, "dist", "src", "cli.js");
  const created = await runNode([cli, "plugin", "create", "a-rule", "--kind", "anti-gaming-rule"], { folder: home });
  expect(created).toMatchObject({ code: 0, stderr: "" });
  const folder = join(home, "a-rule");
  const built = await runNode([join(packageFolder, "node_modules/typescript/bin/tsc"), "-p", "."], { folder });
  expect(built).toMatchObject({ code: 0, stdout: "" });
  const checked = await runNode([cli, "plugin", "check", "."], { folder });
  expect(checked).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("0 failed") });
  await link(join(packageFolder, "node_modules", "vitest"), join(folder, "node_modules", "vitest"));
  expect(await testPackage(folder)).toMatchObject({ code: 0, stdout: expect.stringContaining("11 passed") });
});

it("what the server reads at run time is packed, and nothing of the workshop is", async () => {
  const files = await npmList(packageFolder);
  expect(files).toEqual(
    expect.arrayContaining([
      ".env.example",
      "LICENSE",
      "README.md",
      "evaluators/embedded/kernels.wasm",
      "dist/evaluators/embedded/main.js",
      "dist/migrations/index.js",
      "datasets/translate-names/family.json",
      "models/gradients-demo/tiny-llama/config.json",
      "schema.graphql",
      "src/sdk/documents/queries.graphql",
    ]),
  );
  expect(
    files.filter((path) => /\.test\.(ts|js|d\.ts)$|tsbuildinfo|\.map$|^(test|bench|scripts)\//.test(path)),
  ).toEqual([]);
});
