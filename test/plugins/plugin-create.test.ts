import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkPlugin } from "../../src/cli/check-plugin.ts";
import { buildPackage, cli, installDevDependencies, testPackage } from "./an-author.ts";

let folder = "";
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "gradients-create-")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const edit = async (file: string, change: (text: string) => string) =>
  writeFile(file, change(await readFile(file, "utf8")));

// Names that are words of the language, or of the templates, as well.
describe.each([
  ["task-type", "test"],
  ["eval-runner", "new"],
  ["anti-gaming-rule", "base"],
])("a package of the kind %s that is called %s", (kind, name) => {
  const home = () => join(folder, `gradients-plugin-${name}`);

  it("builds, passes its kit, has a page, and the server's checks find nothing", { timeout: 120_000 }, async () => {
    const created = await cli(["plugin", "create", `@me/gradients-plugin-${name}`, "--kind", kind], folder);
    expect(created).toMatchObject({ code: 0, stderr: "" });
    await installDevDependencies(home());
    expect(await buildPackage(home())).toMatchObject({ code: 0, stdout: "" });
    expect(await testPackage(home())).toMatchObject({ code: 0 });
    const checked = await cli(["plugin", "check", ".", "--json"], home());
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(checked.stdout)).toMatchObject({
      plugin: `@me/gradients-plugin-${name}`,
      version: "1.0.0",
      holds: true,
    });
    expect(await readFile(join(home(), "docs", `${name}.md`), "utf8")).toContain(`# ${name}: `);
    expect(`${created.stdout}${checked.stdout}`).not.toContain("__");
  });

  it("is told so when its cases are gone", { timeout: 120_000 }, async () => {
    await edit(join(home(), "package.json"), (text) => text.replace(/\s+"\.\/conformance".*/, ""));
    const { holds, groups } = await checkPlugin(home(), folder);
    const failed = groups.flatMap(({ checks }) => checks).filter(({ status }) => status === "failed");
    expect({ holds, failed }).toMatchObject({ holds: false, failed: [{ name: "has cases that say something" }] });
  });
});

it("overwrites nothing, and takes no name that is none", async () => {
  const [taken, wrong] = await Promise.all([
    cli(["plugin", "create", "poem", "--kind", "task-type", "--folder", "."], folder),
    cli(["plugin", "create", "My Poem", "--kind", "task-type"], folder),
  ]);
  expect(taken).toMatchObject({ code: 64, stderr: expect.stringContaining("is not empty") });
  expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining("no name for a package") });
});

describe("plugin check", () => {
  const taskType = (changes: string) => `
    import { z } from "zod";
    const type = {
      type: "task-type", api: 1, kind: "poem", graphqlName: "PoemTask", title: "Poem", description: "Poems", specVersion: 1,
      spec: z.strictObject({}), share: 0, pool: { min: 1, max: 1 }, artifactKinds: ["LORA"], tolerance: 1, metrics: [],
      synthesis: null, timeBudgetHours() {}, columns() {}, rowSchema() {}, render() {}, objective() {}, evalOutput: z.json(),
      losses() {}, weightedLoss() {}, ${changes}
    };
    export default { name: "poem", version: "1.0.0", api: 1, provides: [type] };`;

  it.each([
    [
      "wrong-api.mjs",
      `export default { name: "old", version: "1.0.0", api: 2, provides: [] };`,
      "PLUGIN_WRONG_API",
      "API 2",
    ],
    ["throws.mjs", `throw new Error("no luck");`, "PLUGIN_LOAD_FAILED", "no luck"],
    ["no-plugin.mjs", `export default 1;`, "PLUGIN_MALFORMED", "definePlugin"],
    ["kind.mjs", taskType(`kind: "instruct"`), "PLUGIN_COLLISION", "built-in instruct"],
    ["graphql-name.mjs", taskType(`graphqlName: "Miner"`), "PLUGIN_BAD_GRAPHQL", `"Miner"`],
    [
      "schema.mjs",
      taskType(`spec: z.strictObject({}).superRefine(() => { throw new Error("no luck"); })`),
      "PLUGIN_BAD_DEFAULTS",
      "no luck",
    ],
  ])("says what is wrong with %s", async (file, code, problem, words) => {
    await writeFile(join(folder, file), code);
    const { holds, groups } = await checkPlugin(`./${file}`, folder);
    const checks = groups.flatMap((group) => group.checks);
    expect(holds).toBe(false);
    expect(checks).toEqual([{ name: problem, status: "failed", message: expect.stringContaining(words) }]);
    expect(checks[0]?.message).toContain(`./${file}`.replace(/^\.\//, ""));
  });

  it("says so where there is no such plugin, and counts its checks", async () => {
    const { code, stdout } = await cli(["plugin", "check", "not-installed"], folder);
    expect(code).toBe(1);
    expect(stdout).toContain("FAIL PLUGIN_NOT_FOUND");
    expect(stdout).toContain("1 checks: 0 ok, 1 failed, 0 skipped");
  });
});
