import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  definePlugin,
  defineTaskRule,
  type AntiGamingRule,
  type JudgedField,
  type TaskRule,
} from "../../src/core/contract/index.ts";
import { ruleChecks, type RuleCases } from "../../src/core/contract/testing/anti-gaming-rule-checks.ts";
import { artifactStoreChecks } from "../../src/core/contract/testing/artifact-store-checks.ts";
import { skipChecks, type Check } from "../../src/core/contract/testing/check.ts";
import { aField, type Conformance } from "../../src/core/contract/testing/index.ts";
import { pluginChecks } from "../../src/core/contract/testing/plugin-checks.ts";
import { synthesizerChecks } from "../../src/core/contract/testing/synthesizer-checks.ts";
import type { TaskTypeCases } from "../../src/core/contract/testing/task-type-cases.ts";
import { taskTypeChecks } from "../../src/core/contract/testing/task-type-checks.ts";
import { weightPublisherChecks } from "../../src/core/contract/testing/weight-publisher-checks.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
import { suspiciousGap } from "../../src/plugins/suspicious-gap/rule.ts";
import { localArtifactStore } from "../../src/plugins/local-artifact-store/index.ts";

/** Names of the checks that fail, with the reason. */
async function failing(checks: readonly Check[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures;
}

const onlyFailure = (text: string) => [expect.stringContaining(text)];

describe("the kit of task types", () => {
  type Instruct = typeof instruct;
  type Cases = TaskTypeCases<Instruct["spec"]>;
  const set = { rows: [{ loss: 1, tokens: 2 }], loss: 1, tokenLoss: 1 };
  const row = { instruction: "Why?", output: "Because." };
  const rendered = {
    segments: [
      { text: "Why?\n", counts: false },
      { text: "Because.", counts: true },
    ],
  };
  const cases: Cases = {
    valid: [
      {
        name: "a task",
        spec: {},
        rows: [{ row, rendered }],
        output: { sets: { test: set, synth: set }, durationMs: 1 },
        losses: { testLoss: 1 },
        weightedLoss: 1,
      },
    ],
    invalid: [
      { name: "a spec", spec: { more: 1 }, at: "" },
      { name: "a row", spec: {}, row: { ...row, output: "" }, at: "output" },
      { name: "an output", spec: {}, output: { sets: { test: set }, durationMs: -1 }, at: "durationMs" },
    ],
  };
  const check = (changes: Partial<Instruct> = {}, changedCases: Partial<Cases> = {}) =>
    failing(taskTypeChecks(Object.freeze({ ...instruct, ...changes }), { ...cases, ...changedCases }));

  it("is content with a sound type", async () => {
    expect(await check()).toEqual([]);
  });

  it.each([
    ["a kind that is no name", { kind: "Instruct" }, "kind must be lower-case"],
    ["a range the wrong way round", { pool: { min: 9, max: 8 } }, "pool must be a range"],
    ["a missing migration", { specVersion: 2 }, "no migration from spec version 1 to 2"],
    [
      "a rendering that changes its row",
      { render: (given: object) => Object.assign(given, { seen: true }) },
      "accepts a task: Cannot add property",
    ],
    ["a rendering by chance", { render: () => ({ segments: [Math.random()] }) }, "must not call Math.random"],
    [
      "an objective that is no JSON",
      { objective: () => ({ name: "x", options: { beta: Number.NaN } }) },
      "the objective must survive JSON",
    ],
    ["a rendering that differs from the golden one", { render: () => ({ segments: [] }) }, "accepts a task"],
    [
      "an endless time budget",
      { timeBudgetHours: () => [1, Number.POSITIVE_INFINITY] as const },
      "timeBudgetHours must be a range",
    ],
    ["a loss that ignores TEST", { weightedLoss: () => 1 }, "weightedLoss must grow with testLoss"],
    ["undescribed metrics", { metrics: [] }, "reports metrics that the type does not describe"],
    [
      "two columns of one role",
      { columns: () => ["x", "y"].map((column) => ({ role: "output", column, required: true })) },
      "two columns have the same role",
    ],
  ])("notices %s", async (_, changes, message) => {
    expect((await check(changes)).join("\n")).toContain(message);
  });

  it("notices an output schema that lets unknown fields pass", async () => {
    const evalOutput = z.looseObject(instruct.evalOutput.shape);
    expect((await check({ evalOutput })).join("\n")).toContain(
      "an output with a broken or unknown value at the value was accepted",
    );
  });

  let counter = 0;
  it.each([
    ["by chance", () => ({ ...row, instruction: String(Math.random()) }), "must not call Math.random"],
    ["by what it remembers", () => ({ ...row, instruction: `${(counter += 1)}?` }), "generates rows"],
    ["that the type refuses", () => ({ ...row, output: "" }), "a generated row is refused: output: must not be empty"],
    ["that are all the same", () => row, "of 20 generated rows only 1 differ"],
  ])("notices a generator of rows %s", async (_, make, message) => {
    const generator = { options: z.strictObject({}), generate: make };
    expect((await check({ generator })).join("\n")).toContain(message);
  });

  it("is content with a generator that is sound", async () => {
    const generate = (_options: unknown, rng: () => number) => ({ ...row, instruction: `${rng()}?` });
    expect(await check({ generator: { options: z.strictObject({}), generate } })).toEqual([]);
  });

  it.each([
    [
      "no golden values",
      { valid: [{ name: "a task", spec: {}, rows: [{ row, rendered }] }] },
      "no valid case has golden values",
    ],
    [
      "no rendered row",
      { valid: cases.valid.map((example) => ({ ...example, rows: [] })) },
      "no valid case has a rendered row",
    ],
    [
      "no refused row",
      { invalid: cases.invalid.filter(({ row: refused }) => !refused) },
      "no invalid case has a row that is refused",
    ],
    [
      "a case twice",
      { invalid: [...cases.invalid, { name: "again", spec: { more: 1 }, at: "" }] },
      `the case "again" repeats "a spec"`,
    ],
    [
      "two cases of one name",
      { invalid: [...cases.invalid, { name: "a row", spec: { less: 1 }, at: "" }] },
      `two cases are called "a row"`,
    ],
  ])("tells an author whose cases have %s", async (_, changedCases, message) => {
    expect(await check({}, changedCases)).toEqual(onlyFailure(message));
  });

  it("tells an author whose invalid case is valid, or is refused elsewhere", async () => {
    const invalid = [
      ...cases.invalid,
      { name: "nothing wrong", spec: {}, at: "" },
      { name: "elsewhere", spec: { promptTemplate: "" }, at: "columns" },
    ];
    expect(await check({}, { invalid })).toEqual([
      expect.stringContaining("refuses nothing wrong: expected a spec to be refused, it was accepted"),
      expect.stringContaining(`refuses elsewhere: expected a refusal at "columns", found "promptTemplate"`),
    ]);
  });
});

describe("the kit of rules", () => {
  const finding = (submission: string) => ({ submission, verdict: "FLAG", code: "CODE", evidence: {} }) as const;
  const rule = (judge: TaskRule["judge"]) =>
    defineTaskRule({ name: "rule", source: "test", description: "A rule.", options: z.strictObject({}), judge });
  const highest = ({ submissions }: JudgedField) => submissions.filter(({ losses }) => losses.testLoss > 5);
  const sound = rule((field) => ({ findings: highest(field).map(({ id }) => finding(id)), notices: [] }));
  const cases: RuleCases<JudgedField> = {
    caught: [
      {
        name: "a high loss",
        judged: aField({ submissions: [{ id: "a" }, { id: "b", testLoss: 9 }] }),
        findings: [finding("b")],
      },
    ],
    clean: [{ name: "low losses", judged: aField({ submissions: [{ id: "a" }, { id: "b", testLoss: 2 }] }) }],
  };
  const check = (checked: AntiGamingRule, changes: Partial<typeof cases> = {}) =>
    failing(ruleChecks(checked, { ...cases, ...changes }));

  it("is content with a sound rule", async () => {
    expect(await check(sound)).toEqual([]);
  });

  it("notices a rule that depends on the order", async () => {
    const first = rule(({ submissions }) => ({
      findings: submissions.slice(1, 2).map(({ id }) => finding(id)),
      notices: [],
    }));
    expect((await check(first)).join("\n")).toContain("judges the same whatever the order");
  });

  it("notices a rule that goes by names", async () => {
    const named = rule(({ submissions }) => ({
      findings: submissions.flatMap(({ id }) => (id === "b" ? [finding(id)] : [])),
      notices: [],
    }));
    expect((await check(named, { clean: [] })).join("\n")).toContain(
      "judges the same whatever submissions and miners are called",
    );
  });

  it("is content with evidence that names others, in lists as well", async () => {
    const pointing = rule((field) => ({
      findings: highest(field).map(({ id }) => ({
        ...finding(id),
        evidence: { others: field.submissions.filter((one) => one.id !== id).map((one) => ({ submission: one.id })) },
      })),
      notices: [],
    }));
    expect(await check(pointing)).toEqual([]);
  });

  it("notices a finding about what is not in the field, such as the base", async () => {
    const base = rule(() => ({ findings: [finding("base")], notices: [] }));
    expect((await check(base)).join("\n")).toContain("a finding is about base, which is not in the field");
  });

  it("notices a rule that changes the field", async () => {
    const greedy = rule((field) => {
      Object.assign(field.submissions, { length: 0 });
      return { findings: [], notices: [] };
    });
    expect((await check(greedy)).join("\n")).toContain("Cannot assign to read only property");
  });

  it("tells an author who has no clean case", async () => {
    expect(await check(sound, { clean: [] })).toEqual(onlyFailure("there is no clean case"));
  });
});

describe("the kit of artefact stores", () => {
  it("notices a store that does not read what it has already", async () => {
    const checks = artifactStoreChecks((host) => {
      const store = localArtifactStore.create({ folder: null }, host);
      let first: Awaited<ReturnType<typeof store.put>> | undefined;
      return { ...store, put: async (bytes, limits) => (first ??= await store.put(bytes, limits)) };
    });
    expect((await failing(checks)).join("\n")).toContain("the stream was not read to its end");
  });

  it("notices a store that ignores the limit", async () => {
    const checks = artifactStoreChecks((host) => {
      const store = localArtifactStore.create({ folder: null }, host);
      return { ...store, put: (bytes) => store.put(bytes, { maxBytes: Number.MAX_SAFE_INTEGER }) };
    });
    expect(await failing(checks)).toEqual(onlyFailure("takes as many bytes as allowed and not one more"));
  });

  it("notices a store that does not hear a stream fail", async () => {
    const checks = artifactStoreChecks((host) => {
      const store = localArtifactStore.create({ folder: null }, host);
      return { ...store, put: (bytes, limits) => store.put(Readable.from(bytes), limits) };
    });
    expect(await failing(checks)).toEqual(onlyFailure("survives a stream that has failed before it is read"));
  });
});

describe("the kit of weight publishers", () => {
  it("notices a publisher that publishes a set twice, or does not hear that it is called off", async () => {
    let published = 0;
    const forgetful = { publish: async () => ({ reference: `place ${(published += 1)}` }) };
    expect(await failing(weightPublisherChecks(() => forgetful))).toEqual([
      expect.stringContaining("publishing again must change nothing"),
      expect.stringContaining("publishes nothing once it is called off"),
    ]);
  });

  it("notices a publisher that forgets what it published when it is restarted, or has one reference for all", async () => {
    const failures = await failing(
      weightPublisherChecks(() => {
        const memory = new Map<string, { readonly reference: string }>();
        const run = crypto.randomUUID();
        return {
          publish: async ({ id }, signal) => {
            signal.throwIfAborted();
            const known = memory.get(id) ?? { reference: run };
            memory.set(id, known);
            return known;
          },
        };
      }),
    );
    expect(failures).toEqual([
      expect.stringContaining("two sets have the same reference"),
      expect.stringContaining("a restart must change nothing"),
    ]);
  });
});

describe("the kit of synthesizers", () => {
  const synthesis = { temperature: 0.6, rewrite: ["question"], keep: ["answer"] };
  const check = (rewrite: (row: Readonly<Record<string, string>>) => Readonly<Record<string, string>>) =>
    failing(
      synthesizerChecks(
        () => ({ method: "test", rewrite: async ({ row }) => ({ status: "rewritten", row: rewrite(row) }) }),
        {
          rewritten: [{ name: "a row", row: { question: "Why?", answer: "Because." }, synthesis }],
          refused: [],
        },
      ),
    );

  it.each([
    [
      "changes what must stay",
      () => ({ question: "How come?", answer: "So." }),
      "roles that must stay were changed: question, answer",
    ],
    ["changes nothing", (row: Readonly<Record<string, string>>) => row, "the row is the same as before"],
    ["drops a key", () => ({ question: "How come?" }), "the row must keep its keys"],
    ["empties a text", () => ({ question: " ", answer: "Because." }), "a text was emptied"],
  ])("notices one that %s", async (_, rewrite, message) => {
    expect((await check(rewrite)).join("\n")).toContain(message);
  });
});

it("fails by name where a plugin's cases are no lists", async () => {
  const rule = Object.freeze({ ...suspiciousGap, name: "a-rule" });
  const plugin = definePlugin({ name: "odd", version: "1.0.0", provides: [rule] });
  const conformance = { antiGamingRules: { "a-rule": { caught: 5, clean: [null] } } };
  const [group] = pluginChecks(plugin, conformance as unknown as Conformance);
  expect(group?.title).toContain("a-rule");
  expect(await failing(group?.checks ?? [])).toEqual(onlyFailure("has cases that can be read"));
});

describe("a skip", () => {
  const known = [{ name: "does something hard", run() {} }];

  it.each([
    ["a known check with a reason", "does something hard", "this machine has no such device", []],
    ["an unknown check", "does something else", "this machine has no such device", onlyFailure("there is no check")],
    ["no reason", "does something hard", "later", onlyFailure("a skip needs a reason")],
  ])("may have %s", async (_, check, reason, failures) => {
    expect(await failing(skipChecks(known, [{ check, reason }]))).toEqual(failures);
  });
});
