import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTokenizer } from "../../evaluators/embedded/engine/index.ts";
import { datasetFiles, type DemoData, makeDemoData } from "./demo-data.ts";
import { datasetNames, modelFolder, rowsPath } from "./paths.ts";

let data: DemoData;
let linesWith: ReadonlyMap<string, readonly number[]>;
let texts: readonly string[];

const wordsOf = (text: string) =>
  text
    .toLowerCase()
    .replaceAll("’", "'")
    .match(/[\p{L}\p{N}'-]+/gu) ?? [];
const spaced = (text: string) => ` ${wordsOf(text).join(" ")} `;

/** Numbers of the corpus lines that contain the text as whole words. */
function linesThatContain(text: string): readonly number[] {
  const candidates = wordsOf(text).map((word) => linesWith.get(word) ?? []);
  const rarest = candidates.reduce((fewest, lines) => (lines.length < fewest.length ? lines : fewest));
  return rarest.filter((line) => texts[line]?.includes(spaced(text)));
}

beforeAll(() => {
  data = makeDemoData();
  texts = data.corpus.lines.map(spaced);
  const index = new Map<string, number[]>();
  for (const [line, text] of texts.entries())
    for (const word of new Set(text.trim().split(" "))) {
      const lines = index.get(word) ?? [];
      lines.push(line);
      index.set(word, lines);
    }
  linesWith = index;
});

describe("the committed datasets", () => {
  it.each(datasetNames)("%s is what the seeded script makes of the source packages", (name) => {
    expect(readFileSync(rowsPath(name), "utf8") === datasetFiles(data.rows)[name]).toBe(true);
  });

  it("have one row per English name (two where it is a preference), one per defined word and one per pair of addends", () => {
    const english = data.rows.names.map((name) => name.english.toLowerCase());
    const words = data.rows.defined.map(({ word }) => word);
    const sums = data.rows.sums.map((pair) => [...pair].sort((a, b) => a - b).join("+"));
    for (const keys of [english, words, sums]) expect(new Set(keys).size).toBe(keys.length);
    expect(english.length).toBe(data.rows.translateNames.length + data.rows.preferences.length / 2);
  });

  it("fit into 64 tokens a row", () => {
    const tokenizer = loadTokenizer(modelFolder);
    const rows = [...data.rows.translateNames, ...data.rows.definitions];
    const longest = Math.max(
      ...rows.map((row) => tokenizer.encode(row.instruction).length + tokenizer.encode(row.output).length + 3),
    );
    expect(longest).toBeLessThan(64);
  });
});

describe("the base model's corpus", () => {
  it("has no demo prompt", () => {
    const { translateNames, definitions, preferences } = data.rows;
    const prompts = [...translateNames, ...definitions].map((row) => row.instruction);
    const found = [...prompts, ...preferences.map((row) => row.prompt)].filter((p) => linesThatContain(p).length > 0);
    expect(found).toEqual([]);
  });

  it("has no line with an English name and its translation", () => {
    const found = data.rows.names.filter(({ english, translations }) => {
      const lines = new Set(linesThatContain(english));
      return translations.some((translation) => linesThatContain(translation).some((line) => lines.has(line)));
    });
    expect(found).toEqual([]);
  });

  it("has no demo name of several words, and none of one word as a headword or as an entry of a list", () => {
    const names = data.rows.names.flatMap(({ english, translations }) => [english, ...translations]);
    const entries = new Set(
      data.corpus.lines.flatMap((line) => {
        const [head = "", ...rest] = line.split(":");
        return /^(English|Spanish|French|Italian)$/.test(head)
          ? rest
              .join(":")
              .replace(/\.$/, "")
              .split(", ")
              .map((entry) => spaced(entry))
          : [spaced(head)];
      }),
    );
    const found = names.filter((name) =>
      spaced(name).trim().includes(" ") ? linesThatContain(name).length > 0 : entries.has(spaced(name)),
    );
    expect(found).toEqual([]);
  });

  it("has no demo definition and none of a demo word", () => {
    const glosses = data.corpus.lines.map((line) => /^(.+?): (.+)\.$/.exec(line)?.slice(1) ?? []);
    const words = new Set(glosses.map(([word = ""]) => word.toLowerCase()));
    const definitions = new Set(glosses.map(([, definition = ""]) => definition));
    expect(words.size).toBeGreaterThan(50_000);
    const found = data.rows.defined.filter(({ word, definition }) => words.has(word) || definitions.has(definition));
    expect(found).toEqual([]);
  });

  it("has no demo sum in either order, neither added nor taken away", () => {
    const lines = new Set(data.corpus.lines);
    const found = data.rows.sums.filter(([a, b]) =>
      [`${a}+${b}=${a + b}.`, `${b}+${a}=${a + b}.`, `${a + b}-${a}=${b}.`, `${a + b}-${b}=${a}.`].some((s) =>
        lines.has(s),
      ),
    );
    expect(found).toEqual([]);
    expect(lines.has("1+1=2.") || lines.has("2+2=4.") || [...lines].some((line) => /^\d+\+\d+=/.test(line))).toBe(true);
  });
});
