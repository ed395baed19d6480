import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "@graphql-codegen/cli";
import { buildSchema, isObjectType, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import {
  createClient,
  followTask,
  present,
  TaskLeaderboardDocument,
  type TaskSummaryFragment,
} from "../../src/sdk/index.ts";
import { createTestDatabase } from "../helpers/test-database.ts";
import { runNode } from "../helpers/run-program.ts";
import { buildPackage, cli, installDevDependencies } from "./an-author.ts";
import {
  customerKey,
  npmInstall,
  npmPack,
  settingsOf,
  startMiners,
  startServer,
  type OperatorsServer,
} from "./an-operator.ts";

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

  it("is competed on, from the command line to the leaderboard", { timeout: 240_000 }, async () => {
    const apiKey = await customerKey(server.url);
    await using customer = createClient({ url: server.url, apiKey });
    await using _miners = startMiners(server.url, join(folder, "miners"));
    const file = join(home, "node_modules", PACKAGE, "data", "task.json");
    const created = await cli(["task", "create", file, "--url", server.url, "--json"], home, {
      GRADIENTS_API_KEY: apiKey,
    });
    expect(created).toMatchObject({ code: 0, stderr: "" });
    const { id }: { id: string } = JSON.parse(created.stdout);

    let last: TaskSummaryFragment | null = null;
    for await (const task of followTask(customer, id, { signal: AbortSignal.timeout(200_000) })) last = task;
    expect(last).toMatchObject({ kind: "chat", status: "SCORED", failure: null });

    const { task } = await customer.request(TaskLeaderboardDocument, { id });
    const { leaderboard, baseline } = present(task, "task");
    expect(leaderboard.map(({ rank }) => rank)).toEqual([1, 2]);
    expect(leaderboard[0]).toMatchObject({ taskScore: 3, synthLoss: expect.any(Number) });
    expect(leaderboard[0]?.weightedLoss).toBeLessThan((baseline?.weightedLoss ?? 0) - 1);
    const spec: unknown = await customer.request(
      parse(`query ($id: ID!) { task(id: $id) { ... on ChatTask { spec { template } } } }`),
      { id },
    );
    expect(spec).toEqual({ task: { spec: { template: "LINES" } } });
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
