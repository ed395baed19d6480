import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createSandbox } from "../../evaluators/embedded/sandbox/index.ts";
import { createTestHost } from "../../src/core/contract/testing/index.ts";
import { createRng } from "../../src/core/domain/index.ts";
import { grpo } from "../../src/plugins/grpo/index.ts";
import { builtinRewards } from "../../src/plugins/grpo/rewards/index.ts";
import { templateSynthesizer } from "../../src/plugins/template-synthesizer/index.ts";

const sandbox = createSandbox();
afterAll(() => sandbox[Symbol.dispose]());

/** What a built-in reward says of completions, in the sandbox as an evaluator runs it. */
function rewards(id: string, params: object, completions: readonly string[], answer = "") {
  const builtin = builtinRewards.find((reward) => reward.id === id);
  if (builtin === undefined) throw new Error(`there is no reward ${id}`);
  const row = { prompt: "What?", answer };
  const input = JSON.stringify({ prompt: "What?", completions, row, params: builtin.params.parse(params) });
  const result = sandbox.call({ source: builtin.source, name: "reward", input, count: completions.length });
  return result.ok ? result.numbers : result.kind;
}

describe("built-in rewards", () => {
  it("exact-answer compares texts without white space around and the final full stop", () => {
    const texts = ["  New\n York. ", "New York", "new york", "New York City", ""];
    expect(rewards("exact-answer", {}, texts, "New York")).toEqual([1, 1, 0, 0, 0]);
    expect(rewards("exact-answer", { ignoreCase: true }, texts, "NEW YORK.")).toEqual([1, 1, 1, 0, 0]);
  });

  it("numeric-closeness falls with the distance from the answer", () => {
    const texts = ["45.", "44", "It is 40 or 47", "-45", "no number", "56", "1,045"];
    expect(rewards("numeric-closeness", {}, texts, "45")).toEqual([1, 0.9, 0.8, 0, 0, 0, 0]);
    expect(rewards("numeric-closeness", { take: "first" }, texts, "45")).toEqual([1, 0.9, 0.5, 0, 0, 0, 0]);
    expect(rewards("numeric-closeness", { take: "only" }, texts, "45")).toEqual([1, 0.9, 0, 0, 0, 0, 0]);
    expect(rewards("numeric-closeness", { scale: 0.5 }, ["3.75", "3.5e0", "1e400"], "3.5")).toEqual([0.5, 1, 0]);
    expect(rewards("numeric-closeness", { scale: 100 }, ["1,045"], "1000")).toEqual([0.55]);
  });

  it("format counts tags that are there once and in order", () => {
    const tags = { tags: ["think", "answer"] };
    const texts = [
      "<think>a</think> <answer>b</answer>",
      "<answer>b</answer><think>a</think>",
      "<think>a</think>",
      "<think>a</think><answer>b</answer><answer>c</answer>",
      "</think><think><answer>b</answer>",
      "",
    ];
    expect(rewards("format", tags, texts)).toEqual([1, 0.5, 0.5, 0.5, 0.5, 0]);
  });

  it("length knows words and characters, and falls outside of its bounds", () => {
    const texts = ["", "a", "a b", "a b  c", "a b c d"];
    expect(rewards("length", { min: 2, max: 2 }, texts)).toEqual([0, 0, 1, 0, 0]);
    expect(rewards("length", { min: 2, max: 2, slack: 2 }, texts)).toEqual([0, 0.5, 1, 0.5, 0]);
    expect(rewards("length", { unit: "characters", min: 0, max: 1 }, ["\u{1F600}", "ab"])).toEqual([1, 0]);
  });

  it("regular-expression searches, or wants the whole completion", () => {
    expect(rewards("regular-expression", { pattern: "\\d+" }, ["a 12", "a"])).toEqual([1, 0]);
    expect(rewards("regular-expression", { pattern: "a|bc", whole: true }, [" bc\n", "abc"])).toEqual([1, 0]);
    expect(rewards("regular-expression", { pattern: "É", flags: "iu" }, ["é", "e"])).toEqual([1, 0]);
  });

  it("regular-expression that would take for ever is ended", () => {
    const evil = `${"a".repeat(60)}b`;
    expect(rewards("regular-expression", { pattern: "^(a+)+$" }, [evil])).toBe("TIMEOUT");
  });

  it("json-schema judges types, keys and sizes", () => {
    const schema = {
      type: "object",
      required: ["name", "tags"],
      additionalProperties: false,
      properties: {
        name: { type: "string", minLength: 1, maxLength: 5 },
        age: { type: "integer", minimum: 0, maximum: 150 },
        tags: { type: "array", minItems: 1, maxItems: 2, items: { enum: ["x", { y: 1, z: 2 }, null] } },
        kind: { const: [1, "a"] },
      },
    };
    const good = [
      `{"name":"Ada","tags":["x"]}`,
      ` {"tags": [{"z": 2, "y": 1}, null], "name": "Ada", "age": 36, "kind": [1, "a"]} `,
    ];
    const bad = [
      "Ada",
      "null",
      "[]",
      `{"name":"Ada"}`,
      `{"name":"","tags":["x"]}`,
      `{"name":"Adelaide","tags":["x"]}`,
      `{"name":"Ada","tags":[]}`,
      `{"name":"Ada","tags":["y"]}`,
      `{"name":"Ada","tags":["x","x","x"]}`,
      `{"name":"Ada","tags":["x"],"age":1.5}`,
      `{"name":"Ada","tags":["x"],"age":-1}`,
      `{"name":"Ada","tags":["x"],"kind":[1]}`,
      `{"name":"Ada","tags":["x"],"toString":1}`,
    ];
    expect(rewards("json-schema", { schema }, good)).toEqual(good.map(() => 1));
    expect(rewards("json-schema", { schema }, bad)).toEqual(bad.map(() => 0));
  });

  it.each(builtinRewards)("$id stays in its range and never throws, whatever the completion", ({ id, range }) => {
    const texts = [
      "",
      "\u0000",
      "\ud83d",
      "{",
      "9".repeat(5000),
      "<think>".repeat(500),
      "é ".repeat(3000),
      "-",
      "NaN",
      "[[[[",
    ];
    const params = {
      format: { tags: ["think"] },
      length: { max: 3 },
      "regular-expression": { pattern: "." },
      "json-schema": { schema: {} },
    };
    const found = rewards(id, z.record(z.string(), z.unknown()).parse(Reflect.get(params, id) ?? {}), texts, "7");
    expect(found).toHaveLength(texts.length);
    for (const number of found) expect(Number(number) >= range.min && Number(number) <= range.max).toBe(true);
  });
});

describe("SYNTH rows by template", () => {
  it("ask for the same sum in other words and keep the answer, for every demo row", async () => {
    await using host = await createTestHost();
    const live = templateSynthesizer.create({ families: null }, host);
    const { synthesis } = grpo;
    if (synthesis === null) throw new Error("grpo has SYNTH rows");
    const lines = readFileSync(join(import.meta.dirname, "..", "..", "datasets", "arithmetic", "rows.jsonl"), "utf8");
    const spec = grpo.spec.parse({});
    for (const line of lines.trimEnd().split("\n")) {
      const row = grpo.rowSchema(spec).parse(JSON.parse(line));
      const rng = createRng(new Uint8Array(16).fill(7));
      const { signal } = new AbortController();
      const outcome = await live.rewrite({ row, synthesis, variant: 0, attempt: 0, rng, signal });
      if (outcome.status === "refused") throw new Error(`${line}: ${outcome.reason}`);
      expect(outcome.row["prompt"]).not.toBe(row["prompt"]);
      expect(outcome.row["answer"]).toBe(row["answer"]);
    }
  });
});
