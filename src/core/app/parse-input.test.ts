import { describe, expect, it } from "vitest";
import { z } from "zod";
import { line } from "./input-schemas.ts";
import { parseAll, parseInput } from "./parse-input.ts";

const schema = z.object({
  name: line(5),
  slots: z.int().min(1).max(9),
  kinds: z.array(z.enum(["a", "b"])).max(2),
});
const sound = { name: "Ada", slots: 3, kinds: ["a"] };

const message = (input: object) => {
  const parsed = parseInput(schema, { ...sound, ...input });
  return parsed.ok ? null : parsed.error.message;
};

describe("an input that breaks a rule", () => {
  it.each([
    [{ slots: 0 }, "expected number to be >=1, found 0"],
    [{ slots: 1.5 }, "expected int, found 1.5"],
    [{ slots: "3" }, 'expected number, found "3"'],
    [{ slots: undefined }, "expected number, found nothing"],
    [{ kinds: ["c"] }, 'expected one of "a"|"b", found "c"'],
    [{ kinds: ["a", "b", "a"] }, "expected array to have <=2 items, found a list of 3"],
    [{ name: "abcdef" }, 'expected at most 5 characters, found "abcdef"'],
    [{ name: " " }, "expected some text, found none"],
    [{ name: "x".repeat(90) }, `expected at most 5 characters, found "${"x".repeat(60)}"… (90 characters)`],
  ])("%j is told what was expected and what was found", (input, words) => {
    expect(message(input)).toBe(words);
  });

  it("is told where, and all of it where all is asked for", () => {
    const parsed = parseAll(schema, { name: "", slots: 0, kinds: ["a", 5] }, ["input", "spec"]);
    expect(!parsed.ok && parsed.error.map(({ path }) => path.join("."))).toEqual([
      "input.spec.name",
      "input.spec.slots",
      "input.spec.kinds.1",
    ]);
  });
});

describe("a line of text", () => {
  it.each(["Ada", "é", "李", "👩‍🚀", "a - b"])("may be %s", (name) => {
    expect(message({ name: name.slice(0, 5) })).toBeNull();
  });

  it.each([
    ["two lines", "a\nb"],
    ["two lines by another separator", "a\u2028b"],
    ["half a character", "a\ud800"],
    ["a null byte", "a\u0000"],
    ["a turn of direction, which would mirror what stands beside it", "\u202Eab"],
    ["nothing that can be seen", "\u200B"],
  ])("is not %s", (_what, name) => {
    expect(message({ name })).toMatch(/^expected/);
  });
});
