import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient, TaskTypesDocument } from "../../src/sdk/index.ts";
import { createTestDatabase } from "../helpers/test-database.ts";
import { failToStart, settingsOf, startServer } from "./an-operator.ts";

const rule = (name: string) => `{
  type: "anti-gaming-rule", api: 1, name: "${name}", source: "a test", description: "A rule", scope: "task",
  options: z.strictObject({}), judge: () => ({ findings: [], notices: [] })
}`;
const taskType = (kind: string, graphqlName: string) => `{
  type: "task-type", api: 1, kind: "${kind}", graphqlName: "${graphqlName}", title: "Poems", description: "Poems",
  specVersion: 1, spec: z.strictObject({ rhyme: z.boolean() }), share: 0.1, pool: { min: 1, max: 1 }, artifactKinds: ["LORA"], tolerance: 1,
  metrics: [], synthesis: null, timeBudgetHours: () => [1, 2], columns: () => [], rowSchema: () => z.json(),
  render: () => ({}), objective: () => ({}), evalOutput: z.json(), losses: () => ({}), weightedLoss: () => 0
}`;
const plugin = (name: string, provides: string, api = 1) =>
  `import { z } from "zod"; export default { name: "${name}", version: "1.0.0", api: ${api}, provides: [${provides}] };`;

const FILES: Readonly<Record<string, string>> = {
  "fine.mjs": plugin("fine", taskType("poem", "PoemTask")),
  "throws.mjs": `throw new Error("no luck");`,
  "exits.mjs": "process.exit(0);",
  "changes.mjs": `Array.prototype.map = () => []; ${plugin("changes", rule("a-rule"))}`,
  "secret.mjs": `export default { get name() { throw new Error("no luck"); } };`,
  "old.mjs": plugin("old", rule("an-old-rule"), 2),
  "same-rule.mjs": plugin("same-rule", rule("duplicate-losses")),
  "miner-type.mjs": plugin("miner-type", taskType("song", "Miner")),
};
const LIST = ["builtin", ...Object.keys(FILES).map((file) => `./${file}`), "not-installed"].join();

let folder = "";
let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "gradients-broken-")));
  database = await createTestDatabase();
  for (const [file, code] of Object.entries(FILES)) await writeFile(join(folder, file), code);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const settings = (more: Readonly<Record<string, string>>) => ({ ...settingsOf(folder, database.url), ...more });

it("a server says which plugins it can't use and why, and ends with 78", async () => {
  const { code, words } = await failToStart(folder, settings({ GRADIENTS_PLUGINS: LIST }));
  expect(code).toBe(78);
  expect(words.trim().split("\n").toSorted()).toEqual([
    expect.stringContaining("PLUGIN_COLLISION (./same-rule.mjs): anti-gaming rule duplicate-losses is provided twice"),
    expect.stringMatching(/^PLUGIN_LOAD_FAILED \(\.\/changes\.mjs\): .*Array\.prototype\.map/),
    expect.stringMatching(/^PLUGIN_LOAD_FAILED \(\.\/exits\.mjs\): .*process\.exit\(0\)/),
    expect.stringMatching(/^PLUGIN_LOAD_FAILED \(\.\/throws\.mjs\): .*no luck/),
    expect.stringMatching(/^PLUGIN_MALFORMED \(\.\/secret\.mjs\): .*no luck/),
    expect.stringContaining("PLUGIN_NOT_FOUND (not-installed)"),
    expect.stringMatching(/^PLUGIN_WRONG_API \(\.\/old\.mjs\): .*plugin API 2/),
  ]);
});

it("so it does with what only shows when the API is made", async () => {
  const { code, words } = await failToStart(
    folder,
    settings({ GRADIENTS_PLUGINS: "builtin,./miner-type.mjs,./fine.mjs" }),
  );
  expect(code).toBe(78);
  expect(words.trim()).toMatch(/^PLUGIN_BAD_GRAPHQL \(\.\/miner-type\.mjs\): .* task type song .* named "Miner"/);
});

it("a server starts without them where the operator allows that, and only then", { timeout: 60_000 }, async () => {
  await using server = await startServer(
    folder,
    settings({ GRADIENTS_PLUGINS: LIST, GRADIENTS_SKIP_BROKEN_PLUGINS: "true" }),
  );
  await using client = createClient({ url: server.url });
  const kinds = (await client.request(TaskTypesDocument, {})).taskTypes.map(({ kind }) => kind);
  expect(kinds).toContain("poem");
  expect(kinds).not.toContain("song");
});

it("a list without the built-in plugins says what is missing", async () => {
  const { code, words } = await failToStart(folder, settings({ GRADIENTS_PLUGINS: "./fine.mjs" }));
  expect(code).toBe(78);
  expect(words).toContain("PLUGIN_NOT_REGISTERED (local): no plugin provides the eval runner local");
});
