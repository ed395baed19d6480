import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { usualFacts } from "../../core/contract/testing/task-type-cases.ts";
import { testTaskType } from "../../core/contract/testing/test-task-type.ts";
import { grpo } from "./index.ts";
import { numericCloseness } from "./rewards/numeric-closeness.ts";

const digest = "0123456789abcdef".repeat(4);
/** reward − 0.04·kl */
const rows = [
  { score: 0.75 - 0.04 * 0.5, reward: 0.75, kl: 0.5, rewards: [1, 0.5] },
  { score: 0.25, reward: 0.25, kl: 0, rewards: [0.5, 0] },
];
const test = { rows, score: 0.49, reward: 0.5, kl: 0.25, rewards: [0.75, 0.25], completions: digest };
const only = { score: -0.02, reward: 0, kl: 0.5, rewards: [0, 0] };
const synth = { rows: [only], ...only, completions: digest };
const row = { prompt: "3+4=", answer: "7" };
const rendered = { prompt: [{ text: "3+4=", counts: false }], row };
const source = "const reward = ({ completions }) => completions.map(() => 1);";
const own = { id: "always-one", source, range: { min: 0, max: 1 } };

testTaskType(grpo, {
  valid: [
    {
      name: "a task that says nothing but its kind",
      spec: {},
      facts: { rows: 9_999 },
      hours: [1, 3],
      rows: [
        { row, rendered },
        {
          row: { prompt: "Repeat {answer}.", answer: "{prompt}" },
          rendered: {
            prompt: [{ text: "Repeat {answer}.", counts: false }],
            row: { prompt: "Repeat {answer}.", answer: "{prompt}" },
          },
        },
      ],
      output: { sets: { test, synth }, durationMs: 12 },
      losses: {
        testLoss: -0.49,
        synthLoss: 0.02,
        components: { test: -0.49, synth: 0.02 },
        rowLosses: { test: [-0.73, -0.25], synth: [0.02] },
        metrics: { testReward: 0.5, testKl: 0.25, synthReward: 0, synthKl: 0.5 },
      },
      weightedLoss: 0.7 * -0.49 + 0.3 * 0.02,
    },
    {
      name: "a task without SYNTH",
      spec: { rewards: [{ id: "exact-answer" }, { id: "length", params: { max: 3 } }] },
      output: { sets: { test }, durationMs: 0 },
      losses: { testLoss: -0.49, synthLoss: null, components: { test: -0.49 } },
      weightedLoss: -0.49,
    },
    {
      name: "every built-in reward, other columns and a prompt template of its own",
      spec: {
        columns: { prompt: "question", system: "persona", extra: ["solution", "unit price"] },
        promptTemplate: "{system}\nQ: {prompt}\nA:",
        rewards: [
          { id: "exact-answer", params: { column: "solution", ignoreCase: true }, weight: 2 },
          { id: "numeric-closeness", params: { column: "unit price", scale: 0.5, take: "only" } },
          { id: "format", params: { tags: ["think", "answer"] } },
          { id: "length", params: { unit: "characters", min: 2, max: 20, slack: 5 } },
          { id: "regular-expression", params: { pattern: "\\p{L}+", whole: true } },
          {
            id: "json-schema",
            params: { schema: { type: "object", properties: { a: { type: "array", items: { const: null } } } } },
          },
        ],
      },
      facts: { rows: 100_000 },
      hours: [7, 10],
      rows: [
        {
          row: { system: "Be brief.", prompt: "Why?", solution: "So.", "unit price": "3" },
          rendered: {
            prompt: [{ text: "Be brief.\nQ: Why?\nA:", counts: false }],
            row: { system: "Be brief.", prompt: "Why?", solution: "So.", "unit price": "3" },
          },
        },
        {
          row: { prompt: "Why?", solution: "So.", "unit price": "3" },
          rendered: {
            prompt: [{ text: "Q: Why?\nA:", counts: false }],
            row: { system: "", prompt: "Why?", solution: "So.", "unit price": "3" },
          },
        },
      ],
    },
    {
      name: "a reward function of its own, with its digest, and other settings",
      spec: {
        columns: { extra: [] },
        rewards: [{ ...own, params: { a: [1, null] }, sha256: createHash("sha256").update(source).digest("hex") }],
        beta: 0,
        completions: 4,
        maxNewTokens: 8,
        temperature: 0.7,
      },
      rows: [{ row: { prompt: "Why?" } }],
    },
  ],
  invalid: [
    { name: "an unknown column role", spec: { columns: { answer: "a" } }, at: "columns" },
    { name: "one column in two roles", spec: { columns: { system: "prompt" } }, at: "columns.system" },
    { name: "an extra column with a role's name", spec: { columns: { extra: ["system"] } }, at: "columns.extra.0" },
    {
      name: "an extra column that comes twice",
      spec: { columns: { extra: ["answer", "answer"] } },
      at: "columns.extra.1",
    },
    { name: "an extra column without a name", spec: { columns: { extra: ["__proto__"] } }, at: "columns.extra.0" },
    { name: "a template without the prompt", spec: { promptTemplate: "Q:" }, at: "promptTemplate" },
    { name: "no reward", spec: { rewards: [] }, at: "rewards" },
    { name: "weights that are all zero", spec: { rewards: [{ id: "exact-answer", weight: 0 }] }, at: "rewards" },
    { name: "a negative weight", spec: { rewards: [{ id: "exact-answer", weight: -1 }] }, at: "rewards.0.weight" },
    { name: "an unknown reward", spec: { rewards: [{ id: "beauty" }] }, at: "rewards.0.id" },
    { name: "an unknown version", spec: { rewards: [{ id: "exact-answer", version: 9 }] }, at: "rewards.0.version" },
    {
      name: "an unknown parameter",
      spec: { rewards: [{ id: "exact-answer", params: { colour: "red" } }] },
      at: "rewards.0.params",
    },
    {
      name: "a parameter that names no column of the rows",
      spec: { rewards: [{ id: "numeric-closeness", params: { column: "total" } }] },
      at: "rewards.0.params.column",
    },
    { name: "a missing parameter", spec: { rewards: [{ id: "length" }] }, at: "rewards.0.params.max" },
    {
      name: "a pattern that is none",
      spec: { rewards: [{ id: "regular-expression", params: { pattern: "(" } }] },
      at: "rewards.0.params.pattern",
    },
    {
      name: "a keyword of JSON Schema that the reward does not know",
      spec: { rewards: [{ id: "json-schema", params: { schema: { items: { pattern: "a" } } } }] },
      at: "rewards.0.params.schema.items",
    },
    {
      name: "a range for a built-in reward",
      spec: { rewards: [{ id: "exact-answer", range: { min: 0, max: 2 } }] },
      at: "rewards.0.range",
    },
    { name: "source without a range", spec: { rewards: [{ ...own, range: null }] }, at: "rewards.0.range" },
    {
      name: "an empty range",
      spec: { rewards: [{ ...own, range: { min: 1, max: 1 } }] },
      at: "rewards.0.range.max",
    },
    { name: "another source's digest", spec: { rewards: [{ ...own, sha256: digest }] }, at: "rewards.0.sha256" },
    { name: "source under a built-in name", spec: { rewards: [{ ...own, id: "format" }] }, at: "rewards.0.id" },
    {
      name: "more code than an evaluator's request may have",
      spec: { rewards: Array.from({ length: 9 }, () => ({ ...own, source: `${source}${" ".repeat(60_000)}` })) },
      at: "rewards",
    },
    { name: "no completion", spec: { completions: 0 }, at: "completions" },
    { name: "a temperature of zero", spec: { temperature: 0 }, at: "temperature" },
    { name: "a row without an answer", spec: {}, row: { prompt: "Why?" }, at: "answer" },
    { name: "a row with an empty prompt", spec: {}, row: { ...row, prompt: " " }, at: "prompt" },
    { name: "a row with a broken character", spec: {}, row: { ...row, answer: "\ud800" }, at: "answer" },
    { name: "a role that has no column", spec: {}, row: { ...row, system: "x" }, at: "" },
    {
      name: "a score that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, score: 0.5 } }, durationMs: 1 },
      at: "sets.test.score",
    },
    {
      name: "a reward of a function that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, rewards: [0.75, 0.5] } }, durationMs: 1 },
      at: "sets.test.rewards.1",
    },
    {
      name: "rows with another number of functions",
      spec: {},
      output: { sets: { test: { ...test, rewards: [0.75] } }, durationMs: 1 },
      at: "sets.test.rows.0.rewards",
    },
    {
      name: "a score above the reward",
      spec: {},
      output: { sets: { test: { ...synth, rows: [{ ...only, score: 0.02 }], score: 0.02 } }, durationMs: 1 },
      at: "sets.test.rows.0.score",
    },
    {
      name: "a reward above 1",
      spec: {},
      output: { sets: { test: { ...synth, rows: [{ ...only, reward: 1.5 }] } }, durationMs: 1 },
      at: "sets.test.rows.0.reward",
    },
    {
      name: "completions without a digest",
      spec: {},
      output: { sets: { test: { ...test, completions: "" } }, durationMs: 1 },
      at: "sets.test.completions",
    },
  ],
});

describe("what an evaluator gets", () => {
  const objective = (spec: object, contextLength = 2048) =>
    grpo.objective(grpo.spec.parse(spec), { ...usualFacts, contextLength });

  it("has every function's source and digest, its parameters with defaults, and weights that sum to 1", () => {
    const rewards = [{ id: "numeric-closeness", weight: 3, params: { scale: 5 } }, own];
    expect(objective({ rewards }).options).toMatchObject({
      rewards: [
        {
          id: "numeric-closeness",
          version: 1,
          weight: 0.75,
          params: { column: "answer", scale: 5, take: "last" },
          range: { min: 0, max: 1 },
          source: numericCloseness.source,
          sha256: createHash("sha256").update(numericCloseness.source).digest("hex"),
        },
        { id: "always-one", weight: 0.25, params: {}, range: { min: 0, max: 1 }, source },
      ],
    });
  });

  it("never asks for more tokens than the base's context", () => {
    expect(objective({}).options).toMatchObject({ beta: 0.04, completions: 2, maxNewTokens: 256, temperature: 1 });
    expect(objective({}, 128).options).toMatchObject({ maxNewTokens: 128 });
  });

  it("is code of the customer's where a source is, and is rehearsed where it may fail", () => {
    const asked = (spec: object) => {
      const parsed = grpo.spec.parse(spec);
      return [grpo.carriesCode?.(parsed), grpo.rehearses?.(parsed)];
    };
    expect(asked({})).toEqual([false, false]);
    expect(asked({ rewards: [{ id: "regular-expression", params: { pattern: "(a+)+b" } }] })).toEqual([false, true]);
    expect(asked({ rewards: [{ id: "exact-answer" }, own] })).toEqual([true, true]);
  });
});
