import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Family, fillTemplate, parseFamily } from "../../src/plugins/template-synthesizer/family.ts";
import { type DatasetName, familyPath, rowsPath } from "./paths.ts";

const readFamily = (dataset: Parameters<typeof familyPath>[0]): Family =>
  parseFamily(JSON.parse(readFileSync(familyPath(dataset), "utf8")));
const families = {
  "translate-names": readFamily("translate-names"),
  definitions: readFamily("definitions"),
  arithmetic: readFamily("arithmetic"),
};
const matchesOf = (prompt: string) => Object.values(families).flatMap((family) => family.match(prompt));

const promptColumns: readonly [DatasetName, column: string, Family][] = [
  ["translate-names", "instruction", families["translate-names"]],
  ["definitions", "instruction", families.definitions],
  ["arithmetic", "prompt", families.arithmetic],
  ["preferences", "prompt", families["translate-names"]],
];

describe.each(promptColumns)("the prompts of %s", (dataset, column, family) => {
  const prompts = readFileSync(rowsPath(dataset), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => String(JSON.parse(line)[column]));

  it("each match exactly one template of all families, one that rows may use, and are rendered by it again", () => {
    const broken = prompts.filter((prompt) => {
      const [match, ...others] = matchesOf(prompt);
      const isGood = match?.family === family && match.template.usedInRows && others.length === 0;
      return !isGood || fillTemplate(match.template, match.slots) !== prompt;
    });
    expect(broken).toEqual([]);
  });

  it("become other prompts under every other template, and those match that template only, with the same slots", () => {
    const broken = prompts.flatMap((prompt) => {
      const [match] = family.match(prompt);
      if (match === undefined) return [prompt];
      const others = family.templates.filter(({ id }) => id !== match.template.id);
      return others
        .map((template) => ({ template, rewritten: fillTemplate(template, match.slots) }))
        .filter(({ template, rewritten }) => {
          const found = matchesOf(rewritten);
          const isSame =
            found[0]?.template === template &&
            JSON.stringify(found[0].slots, slotOrder) === JSON.stringify(match.slots, slotOrder);
          return rewritten === prompt || found.length !== 1 || !isSame;
        })
        .map(({ rewritten }) => rewritten);
    });
    expect(broken).toEqual([]);
  });

  it("leave some templates of the family to rewrites alone", () => {
    const used = new Set(prompts.map((prompt) => family.match(prompt)[0]?.template.id));
    const unseen = family.templates.filter(({ id }) => !used.has(id));
    expect(unseen).toEqual(family.templates.filter(({ usedInRows }) => !usedInRows));
    expect(unseen.length).toBeGreaterThan(0);
  });
});

it("the main family has at least 24 templates for rows and 6 for rewrites alone", () => {
  const { templates } = families["translate-names"];
  expect(templates.filter(({ usedInRows }) => usedInRows).length).toBeGreaterThanOrEqual(24);
  expect(templates.filter(({ usedInRows }) => !usedInRows).length).toBeGreaterThanOrEqual(6);
});

/** Templates name their slots in different orders; compare them in one. */
function slotOrder(key: string, value: unknown): unknown {
  return key === "" && typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).sort())
    : value;
}
