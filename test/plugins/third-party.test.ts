import { cp, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "@graphql-codegen/cli";
import { buildSchema, isObjectType, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { createClient, TaskDocument } from "../../src/sdk/index.ts";
import { createTestDatabase } from "../helpers/test-database.ts";
import { runNode } from "../helpers/run-program.ts";
import { buildPackage, cli, installDevDependencies } from "./an-author.ts";
import { customerKey, npmInstall, npmPack, settingsOf, startServer, type OperatorsServer } from "./an-operator.ts";

/** What a new task type touches: this package, and this line of the operator's configuration. */
const PACKAGE = "gradients-plugin-chat";
const LINE = { GRADIENTS_PLUGINS: `builtin,${PACKAGE}` };

let folder = "";
let author = "";
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "gradients-third-party-")));
  author = join(folder, "author");
  const example = join(packageFolder, "examples", "plugin-chat");
  const sources = /node_modules|dist$|\.tgz$/;
  await cp(example, author, { recursive: true, filter: (path) => !sources.test(path.slice(example.length)) });
  await installDevDependencies(author);
  const { code, stdout } = await buildPackage(author);
  if (code !== 0) throw new Error(`The example can't be built:\n${stdout}`);
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** A folder of an operator who has installed the plugin. */
async function anOperator(name: string, what: string): Promise<string> {
  const home = join(folder, name);
  await npmInstall(home, what);
  return home;
}

/** What `gradients demo --json` prints for several types: the part that is looked at. */
const demoResult = z.object({
  tasks: z.array(
    z.object({
      kind: z.string(),
      task: z.object({ status: z.string() }),
      base: z.object({ weightedLoss: z.number() }),
      submissions: z.array(
        z.object({
          miner: z.string(),
          rank: z.number().nullable(),
          weightedLoss: z.number(),
          taskScore: z.number(),
        }),
      ),
      plots: z.array(z.string()).length(2),
    }),
  ),
  weightSet: z.object({ weights: z.array(z.object({ weight: z.number() })) }),
});

interface TaskTypeLine {
  readonly kind: string;
  readonly plugin: { readonly name: string; readonly builtin: boolean };
}

async function taskTypes(url: string): Promise<readonly TaskTypeLine[]> {
  const { stdout } = await cli(["plugin", "list", "--url", url, "--json"], folder);
  const types: readonly TaskTypeLine[] = JSON.parse(stdout);
  return types;
}

describe("a task type of a stranger, packed and installed by name", () => {
  let home = "";
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let server: OperatorsServer;
  let sdl = "";
  beforeAll(async () => {
    home = await anOperator("operator", await npmPack(author));
    database = await createTestDatabase();
    server = await startServer(home, { ...settingsOf(home, database.url), ...LINE });
    sdl = (await cli(["schema", "--url", server.url], home)).stdout;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await database.close();
  });

  it("has its nouns and its verb in the SDL", () => {
    const schema = buildSchema(sdl);
    const task = schema.getType("ChatTask");
    expect(isObjectType(task) && task.getInterfaces().map(({ name }) => name)).toEqual(["Task"]);
    expect(schema.getMutationType()?.getFields()["createChatTask"]?.type.toString()).toBe("CreateChatTaskPayload!");
    expect(schema.getType("ChatTaskSpecTemplate")?.toString()).toBe("ChatTaskSpecTemplate");
  });

  it("is listed with the package that it comes from", async () => {
    const types = await taskTypes(server.url);
    expect(types).toContainEqual(
      expect.objectContaining({ kind: "chat", plugin: { name: PACKAGE, version: "1.0.0", builtin: false } }),
    );
    expect(types.filter(({ plugin }) => !plugin.builtin)).toHaveLength(1);
    const { stdout } = await cli(["plugin", "list", "--url", server.url], home);
    expect(stdout).toMatch(/chat +ChatTask .* gradients-plugin-chat 1\.0\.0 /);
  });

  it("gives frontends typed documents, beside those of the SDK", async () => {
    await writeFile(join(home, "schema.graphql"), sdl);
    await writeFile(
      join(home, "chat.graphql"),
      "mutation CreateChat($input: CreateChatTaskInput!) { createChatTask(input: $input) { task { id spec { template answers } } } }",
    );
    const output = join(home, "graphql.ts");
    const documents = [join(packageFolder, "src/sdk/documents/*.graphql"), join(home, "chat.graphql")];
    const plugins = ["typescript-operations", "typed-document-node"];
    const files: readonly { content: string }[] = await generate(
      { schema: join(home, "schema.graphql"), documents, generates: { [output]: { plugins } }, silent: true },
      false,
    );
    expect(files[0]?.content).toMatch(/export type CreateChatMutation = .*template: .*answers: /s);
    expect(files[0]?.content).toContain("export const TaskTypesDocument");
  });

  it("has tasks, from the command line on", async () => {
    const apiKey = await customerKey(server.url);
    await using customer = createClient({ url: server.url, apiKey });
    const file = join(home, "node_modules", PACKAGE, "data", "task.json");
    const created = await cli(["task", "create", file, "--url", server.url, "--json"], home, {
      GRADIENTS_API_KEY: apiKey,
    });
    expect(created).toMatchObject({ code: 0, stderr: "" });
    const { id }: { id: string } = JSON.parse(created.stdout);
    const { task } = await customer.request(TaskDocument, { id });
    expect(task).toMatchObject({ kind: "chat", datasetRows: 400, failure: null });
    const spec: unknown = await customer.request(
      parse(`query ($id: ID!) { task(id: $id) { ... on ChatTask { spec { template } } } }`),
      { id },
    );
    expect(spec).toEqual({ task: { spec: { template: "LINES" } } });
  });

  it("is competed on in the demo, beside a built-in type, by the same miners", { timeout: 240_000 }, async () => {
    const size = ["--miners", "2", "--steps", "8"];
    const plots = join(folder, "plots");
    const { code, stdout, stderr } = await cli(
      ["demo", "--types", "chat,instruct", ...size, "--json", "--out", plots],
      home,
      LINE,
    );
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const { tasks, weightSet } = demoResult.parse(JSON.parse(stdout));
    expect(tasks.map(({ kind, task }) => [kind, task.status])).toEqual([
      ["chat", "SCORED"],
      ["instruct", "SCORED"],
    ]);
    for (const { base, submissions, plots: drawn } of tasks) {
      expect(submissions.map(({ miner }) => miner).sort()).toEqual(["ada", "ben"]);
      expect(submissions.map(({ rank }) => rank)).toEqual([1, 2]);
      expect(submissions[0]?.taskScore).toBe(3);
      expect(submissions[0]?.weightedLoss).toBeLessThan(base.weightedLoss - 1);
      for (const path of drawn) expect((await stat(path)).size).toBeGreaterThan(1000);
    }
    expect(weightSet.weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  it("holds what its page says", async () => {
    const page = await readFile(join(home, "node_modules", PACKAGE, "docs", "chat.md"), "utf8");
    const examples = [...page.matchAll(/```js\n(?<code>.*?)```\n\n```text\n(?<output>.*?)```/gs)];
    expect(examples.length).toBeGreaterThan(0);
    for (const { groups } of examples) {
      // What the server's loader gives to a plugin, an author's install gives to a script.
      const { stdout } = await runNode(
        ["--input-type=module", "--eval", (groups?.["code"] ?? "").replace(`"${PACKAGE}"`, `"./dist/index.js"`)],
        { folder: author },
      );
      expect(stdout).toBe(groups?.["output"]);
    }
  });
});

it(
  "a linked package with a zod of its own is checked and served like an installed one",
  { timeout: 60_000 },
  async () => {
    const home = await anOperator("linked", author);
    const checked = await cli(["plugin", "check", PACKAGE, "--json"], home);
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(checked.stdout)).toMatchObject({ plugin: PACKAGE, holds: true });
    const database = await createTestDatabase();
    {
      await using server = await startServer(home, { ...settingsOf(home, database.url), ...LINE });
      expect((await taskTypes(server.url)).map(({ kind }) => kind)).toContain("chat");
    }
    await database.close();
  },
);
