import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../core/domain/index.ts";
import { parseFamily } from "./family.ts";
import { rewriteByTemplate } from "./rewrite.ts";

const family = parseFamily({
  format: 1,
  family: "translate",
  description: "Asks for a translation.",
  slots: { language: { values: ["Spanish", "French"] }, source: {} },
  templates: [
    { id: "to", text: "Translate to {language}: {source}", usedInRows: true },
    { id: "how", text: 'How do you say "{source}" in {language}?', usedInRows: true },
    { id: "please", text: "Please put {source} into {language}.", usedInRows: false },
    { id: "need", text: "I need ({source}) [{language}]", usedInRows: false },
  ],
});
const synthesis = { temperature: 0.6, rewrite: ["instruction", "input"], keep: ["output"] };
const rng = (seed = 1) => createRng(new Uint8Array(16).fill(seed));
const rewrite = (instruction: string, more: Partial<Parameters<typeof rewriteByTemplate>[1]> = {}) =>
  rewriteByTemplate([family], {
    row: { instruction, output: "Alemania" },
    synthesis,
    variant: 0,
    attempt: 0,
    rng: rng(),
    ...more,
  });

describe("rewriteByTemplate", () => {
  it("asks the same with a template that no row uses", () => {
    const outcome = rewrite("Translate to Spanish: Germany");
    expect([
      { status: "rewritten", row: { instruction: "Please put Germany into Spanish.", output: "Alemania" } },
      { status: "rewritten", row: { instruction: "I need (Germany) [Spanish]", output: "Alemania" } },
    ]).toContainEqual(outcome);
  });

  it("gives variants of one row different templates under the same seed", () => {
    const texts = [0, 1, 2].map((variant) => {
      const outcome = rewrite("Translate to French: a, b (c) $& $1", { variant });
      return outcome.status === "rewritten" ? outcome.row["instruction"] : outcome.reason;
    });
    expect(new Set(texts).size).toBe(3);
    expect(texts.every((text) => text?.includes("a, b (c) $& $1"))).toBe(true);
  });

  it("leaves texts of no family alone, as long as one changes", () => {
    const row = { instruction: "Translate to Spanish: Germany", input: "the country", output: "Alemania" };
    expect(rewrite("", { row })).toMatchObject({ row: { input: "the country", output: "Alemania" } });
  });

  it.each([
    "Write a poem.",
    "Translate to Klingon: Germany",
    "Translate to Spanish: two\nlines",
    "",
    "x".repeat(10_000),
  ])("refuses %j, which no template makes", (instruction) => {
    expect(rewrite(instruction)).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("no template matches"),
    });
  });

  it("refuses a prompt that two templates could have made", () => {
    expect(
      rewriteByTemplate([family, family], {
        row: { instruction: "Translate to French: x" },
        synthesis,
        variant: 0,
        attempt: 0,
        rng: rng(),
      }),
    ).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("several templates"),
    });
  });

  it("keeps what is in the slots for any text and seed", () => {
    const source = fc
      .stringMatching(/^[^\s"()[\]][^\n"()[\]]*[^\s"()[\]]$/u)
      .filter((text) => !text.includes(" into ") && !text.includes(" in "));
    fc.assert(
      fc.property(source, fc.integer({ min: 1, max: 255 }), fc.nat(9), (text, seed, variant) => {
        const outcome = rewrite(`Translate to French: ${text}`, { rng: rng(seed), variant });
        if (outcome.status !== "rewritten") throw new Error(outcome.reason);
        const [match] = family.match(outcome.row["instruction"] ?? "");
        expect(match?.slots).toEqual({ language: "French", source: text });
      }),
    );
  });
});

describe("parseFamily", () => {
  it("names the template that lacks a slot", () => {
    const content = {
      format: 1,
      family: "f",
      description: "d",
      slots: { a: {} },
      templates: [
        { id: "x", text: "{a}", usedInRows: true },
        { id: "y", text: "{b}", usedInRows: true },
      ],
    };
    expect(() => parseFamily(content)).toThrow("template y must have each of the slots a once, found b");
  });
});
