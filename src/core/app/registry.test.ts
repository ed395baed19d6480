import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  defineTaskRule,
  defineTaskType,
  defineWeightPublisher,
  definePlugin,
  type AnyTaskType,
  type Contribution,
} from "../contract/index.ts";
import { createRegistry, type Registry } from "./registry.ts";

const aType = (changes: Partial<AnyTaskType> = {}) =>
  defineTaskType({
    kind: "poem",
    graphqlName: "PoemTask",
    title: "Poems",
    description: "Write poems.",
    specVersion: 1,
    spec: z.strictObject({ verses: z.int().default(4) }),
    share: 0.5,
    pool: { min: 1, max: 2 },
    artifactKinds: ["LORA"],
    tolerance: 1e-6,
    metrics: [],
    synthesis: null,
    timeBudgetHours: () => [1, 2],
    columns: () => [],
    rowSchema: () => z.record(z.string(), z.string()),
    render: () => ({}),
    objective: () => ({ name: "rhyme", options: {} }),
    evalOutput: z.unknown(),
    losses: () => ({ testLoss: 1, synthLoss: null, components: {}, rowLosses: { test: [], synth: null }, metrics: {} }),
    weightedLoss: ({ testLoss }) => testLoss,
    ...changes,
  });
const aRule = (name: string, options: z.ZodObject = z.strictObject({})) =>
  defineTaskRule({
    name,
    source: "test",
    description: "Judges nothing.",
    options,
    judge: () => ({ findings: [], notices: [] }),
  });
const aPlugin = (name: string, ...provides: Contribution[]) => definePlugin({ name, version: "1.0.0", provides });
const entry = (plugin: unknown, origin: string) => ({ plugin, origin });

function registryOf(...contributions: Contribution[]): Registry {
  const created = createRegistry([entry(aPlugin("test", ...contributions), "test")]);
  if (!created.ok) throw new Error(created.error.map(({ message }) => message).join("\n"));
  return created.value;
}
function problemsOf(...entries: ReturnType<typeof entry>[]) {
  const created = createRegistry(entries);
  return created.ok ? [] : created.error;
}

describe("createRegistry", () => {
  it("finds contributions by name, whatever the order of the list", () => {
    const registry = registryOf(
      aRule("z-rule"),
      aType({ kind: "song", graphqlName: "SongTask" }),
      aRule("a-rule"),
      aType(),
    );
    expect(registry.rules.map(({ name }) => name)).toEqual(["a-rule", "z-rule"]);
    expect([...registry.taskTypes.keys()]).toEqual(["poem", "song"]);
    expect(registry.taskType("poem")?.title).toBe("Poems");
    expect(registry.taskType("prose")).toBeUndefined();
  });

  it("names both origins when two plugins provide the same rule", () => {
    expect(
      problemsOf(entry(aPlugin("one", aRule("same")), "./one.js"), entry(aPlugin("two", aRule("same")), "two-package")),
    ).toEqual([
      {
        code: "PLUGIN_COLLISION",
        origin: "two-package",
        message: expect.stringMatching(/rule same .*\.\/one\.js.*two-package/),
      },
    ]);
  });

  it("lets a rule and a publisher have one name", () => {
    const publisher = defineWeightPublisher({
      name: "same",
      options: z.strictObject({}),
      create: () => ({ publish: async () => ({ reference: "" }) }),
    });
    expect(registryOf(aRule("same"), publisher).weightPublishers.has("same")).toBe(true);
  });

  it.each([
    ["the kind", { graphqlName: "OtherTask" }, "task type poem"],
    ["the GraphQL name", { kind: "other" }, "GraphQL type PoemTask "],
    ["a derived GraphQL name", { kind: "other", graphqlName: "PoemTaskSpec" }, "GraphQL type PoemTaskSpec "],
  ])("refuses two task types that share %s", (_, changes, claim) => {
    const problems = problemsOf(entry(aPlugin("one", aType()), "one"), entry(aPlugin("two", aType(changes)), "two"));
    expect(problems.map(({ code }) => code)).toContain("PLUGIN_COLLISION");
    expect(problems.map(({ message }) => message).join()).toContain(claim);
  });

  it("refuses one plugin listed twice, and says so once", () => {
    const plugin = aPlugin("one", aRule("same"), aType());
    expect(problemsOf(entry(plugin, "first"), entry(plugin, "second")).map(({ message }) => message)).toEqual([
      expect.stringContaining("plugin one is provided twice: by first and by second"),
    ]);
  });

  it("never blames what ships with the server, wherever it stands in the list", () => {
    const builtin = { ...entry(aPlugin("own", aType()), "built-in"), builtin: true as const };
    expect(problemsOf(entry(aPlugin("other", aType()), "./other.js"), builtin)).toEqual([
      { code: "PLUGIN_COLLISION", origin: "./other.js", message: expect.stringContaining("task type poem") },
    ]);
  });

  it("says which API a plugin was made for", () => {
    const plugin = { ...aPlugin("future", aRule("rule")), api: 2 };
    expect(problemsOf(entry(plugin, "future"))).toEqual([
      {
        code: "PLUGIN_WRONG_API",
        origin: "future",
        message: expect.stringContaining("plugin API 2, this server has API 1"),
      },
    ]);
  });

  it.each([
    ["nothing", undefined, "default export"],
    ["a class", class {}, "default export"],
    [
      "a version that is none",
      { ...aPlugin("p", aRule("rule")), version: "new" },
      "version: must be a semantic version",
    ],
    ["no contribution", { ...aPlugin("p"), provides: [] }, "provides:"],
    [
      "a rule without judge",
      { ...aPlugin("p"), provides: [{ ...aRule("rule"), judge: 1 }] },
      "provides.0.judge: must be a function",
    ],
    [
      "a kind that is no name",
      { ...aPlugin("p"), provides: [{ ...aType(), kind: "A Poem" }] },
      "provides.0.kind: must be lower-case",
    ],
    [
      "options that let mistakes pass",
      { ...aPlugin("p"), provides: [{ ...aRule("rule"), options: z.object({}) }] },
      "must be a strict zod object",
    ],
    [
      "a schema of another library",
      { ...aPlugin("p"), provides: [{ ...aType(), evalOutput: { parse() {} } }] },
      "must be a zod schema made with the host's copy",
    ],
    [
      "an optional question that is no function",
      aPlugin("p", aType({ baseProblem: Object(5) })),
      "provides.0.baseProblem",
    ],
    [
      "a field that can't be read",
      {
        get name(): string {
          throw new Error("no luck");
        },
      },
      "looking at it throws: no luck",
    ],
    ["an unknown hook", { ...aPlugin("p", aRule("rule")), hooks: { taskScord() {} } }, "hooks: Unrecognized key"],
  ])("refuses %s with the path of what is wrong", (_, plugin, path) => {
    expect(problemsOf(entry(plugin, "./p.js"))).toEqual([
      { code: "PLUGIN_MALFORMED", origin: "./p.js", message: expect.stringContaining(path) },
    ]);
  });

  it("names the plugin whose contribution throws when it is looked at", () => {
    const secretive = new Proxy(aRule("rule"), {
      get: () => {
        throw new RangeError("nothing to see");
      },
    });
    expect(problemsOf(entry({ ...aPlugin("p"), provides: [secretive] }, "./p.js"))).toEqual([
      { code: "PLUGIN_MALFORMED", origin: "./p.js", message: expect.stringContaining("throws: nothing to see") },
    ]);
  });

  it.each([
    ["a bigint", z.strictObject({ odd: z.bigint().default(1n) })],
    [
      "a map",
      z.strictObject({
        odd: z
          .string()
          .default("a")
          .transform((text) => new Map([[text, 1]])),
      }),
    ],
  ])("refuses a spec whose default is %s, as it could not be stored", (_, spec) => {
    expect(problemsOf(entry(aPlugin("p", aType({ spec })), "./p.js"))).toEqual([
      {
        code: "PLUGIN_BAD_DEFAULTS",
        origin: "./p.js",
        message: expect.stringContaining("odd: must be JSON"),
      },
    ]);
  });

  it("reports all problems at once", () => {
    const problems = problemsOf(
      entry(null, "a"),
      entry({ api: 9 }, "b"),
      entry(aPlugin("c", aRule("x"), aRule("x")), "c"),
    );
    expect(problems.map(({ code }) => code)).toEqual(["PLUGIN_MALFORMED", "PLUGIN_WRONG_API", "PLUGIN_COLLISION"]);
  });

  it.each([
    ["a default that its schema refuses", z.strictObject({ limit: z.int().positive().default(-1) }), "limit:"],
    [
      "a nested one",
      z.strictObject({ inner: z.strictObject({ limit: z.int().max(1).default(2) }).prefault({}) }),
      "inner",
    ],
    ["an option without default", z.strictObject({ limit: z.int() }), "limit: has no default"],
  ])("refuses a rule whose options have %s", (_, options, path) => {
    expect(problemsOf(entry(aPlugin("p", aRule("rule", options)), "./p.js"))).toEqual([
      { code: "PLUGIN_BAD_DEFAULTS", origin: "./p.js", message: expect.stringContaining(path) },
    ]);
  });

  it("refuses a task type with a throwing schema default by name", () => {
    const spec = z.strictObject({
      verses: z
        .string()
        .transform(() => {
          throw new Error("no luck");
        })
        .default("x" as never),
    });
    expect(problemsOf(entry(aPlugin("p", aType({ spec })), "./p.js"))[0]?.message).toContain("no luck");
  });
});

describe("registry.shares", () => {
  const registry = registryOf(aType(), aType({ kind: "song", graphqlName: "SongTask", share: 1.5 }));

  it("renormalises over the registered types", () => {
    expect(registry.shares()).toEqual({ poem: 0.25, song: 0.75 });
  });

  it("prefers the operator's shares", () => {
    expect(registry.shares({ poem: 0, prose: 9 })).toEqual({ poem: 0, song: 1 });
  });

  it("throws where none is positive", () => {
    expect(() => registry.shares({ poem: 0, song: 0 })).toThrow(RangeError);
  });
});

describe("registry.parseSpec", () => {
  const spec = z.strictObject({ verses: z.int().positive(), rhyme: z.boolean() });
  const migrateSpec = {
    1: (old: unknown) => ({ lines: z.object({ stanzas: z.number() }).parse(old).stanzas * 4 }),
    2: (old: unknown) => ({ verses: z.object({ lines: z.number() }).parse(old).lines, rhyme: true }),
  };
  const registry = registryOf(aType({ spec, specVersion: 3, migrateSpec }));

  it("parses a spec of today", () => {
    expect(registry.parseSpec("poem", 3, { verses: 4, rhyme: false })).toMatchObject({
      ok: true,
      value: { spec: { verses: 4, rhyme: false } },
    });
  });

  it("migrates an old spec step by step", () => {
    expect(registry.parseSpec("poem", 1, { stanzas: 2 })).toMatchObject({
      ok: true,
      value: { spec: { verses: 8, rhyme: true } },
    });
  });

  it.each([
    ["an unknown kind", "prose", 1, {}, "TASK_TYPE_NOT_REGISTERED"],
    ["a spec of the future", "poem", 4, {}, "SPEC_VERSION_UNSUPPORTED"],
    ["a version without migration", "poem", 0, {}, "SPEC_VERSION_UNSUPPORTED"],
    ["a spec that breaks the schema", "poem", 3, { verses: 0, rhyme: true }, "SPEC_INVALID"],
  ])("refuses %s", (_, kind, version, stored, code) => {
    expect(registry.parseSpec(kind, version, stored)).toMatchObject({ ok: false, error: { code } });
  });

  it("names the field that breaks the schema", () => {
    const parsed = registry.parseSpec("poem", 3, { verses: 0, rhyme: true });
    expect(parsed.ok ? [] : parsed.error.issues.map(({ path }) => path)).toEqual([["verses"]]);
  });
});
