import { createRng, type Rng } from "../../evaluators/embedded/engine/index.ts";
import type { DemoName, DemoRows } from "./demo-rows.ts";
import { type Gloss, type NamedThing, languageNames, readKeywords } from "./sources.ts";

const glossLines = 80_000;
const arithmeticLines = 3_000;
const listRepeats = 3;
const addendLimit = 30;

/** What the base model reads: lines of text, and how many different ones of each kind. */
export interface Corpus {
  readonly lines: readonly string[];
  readonly counts: Readonly<Record<"glosses" | "names" | "keywords" | "sums", number>>;
}

/**
 * Makes the base model's corpus: WordNet definitions, single-language CLDR names and search words, sums.
 *
 * Nothing of a demo row is in it: no prompt, no line with both a row's English name and its translation, no demo name
 * as an entry of a list or as a headword, none of several words anywhere, no demo definition, no demo sum. Demo names
 * of one word do occur inside other text ("rabbit" in a definition): `exposure` counts them.
 */
export function makeCorpus(
  rows: DemoRows,
  things: readonly NamedThing[],
  glosses: readonly Gloss[],
  seed: number,
): Corpus {
  const rng = createRng(seed);
  const held = new Set(allNames(rows.names));
  const isFree = (name: string): boolean => !held.has(normalized(name));
  const isClean = noDemoText(rows.names);

  const definitions = rng
    .shuffled(withoutDefined(rows.defined, glosses))
    .filter(({ word }) => isFree(word))
    .map(({ word, definition }) => `${word}: ${definition}.`)
    .filter(isClean)
    .slice(0, glossLines);
  const names = things.flatMap(({ english, translations }) =>
    Object.entries({ English: english, ...translations })
      .filter(([, name]) => isFree(name))
      .map(([language, name]) => `${language}: ${name}.`),
  );
  const keywords = languageNames.flatMap((language) =>
    readKeywords(language)
      .map((words) => rng.shuffled(words.filter(isFree)))
      .filter((words) => words.length > 1)
      .map((words) => `${language}: ${words.join(", ")}.`),
  );
  const lists = { names: distinct(names.filter(isClean)), keywords: distinct(keywords.filter(isClean)) };
  const sums = makeSums(rows.sums, rng);
  const repeated = Array.from({ length: listRepeats }, () => [...lists.names, ...lists.keywords]).flat();
  return {
    lines: rng.shuffled([...definitions, ...repeated, ...sums]),
    counts: {
      glosses: definitions.length,
      names: lists.names.length,
      keywords: lists.keywords.length,
      sums: distinct(sums).length,
    },
  };
}

/** How many of the demo names of one word occur inside the corpus, where they can't be avoided, and how many don't. */
export function exposure(names: readonly DemoName[], lines: readonly string[]): { seen: number; unseen: number } {
  const words = new Set(lines.flatMap((line) => wordsOf(line)));
  const single = distinct(allNames(names)).filter((name) => !name.includes(" "));
  const seen = single.filter((name) => words.has(name)).length;
  return { seen, unseen: single.length - seen };
}

/** Tells whether a line has neither a demo name of several words nor both names of one demo row. */
export function noDemoText(names: readonly DemoName[]): (line: string) => boolean {
  const long = new Set(allNames(names).filter((name) => name.includes(" ")));
  const longest = Math.max(...[...long].map((name) => name.split(" ").length));
  const translations = new Map(names.map((name) => [normalized(name.english), name.translations.map(normalized)]));
  return (line) => {
    const words = wordsOf(line);
    const isPaired = words.some((word) => translations.get(word)?.some((translation) => words.includes(translation)));
    return !isPaired && !runs(words, longest).some((run) => long.has(run));
  };
}

/** Lower case, typographic apostrophes straightened: the form in which names are compared. */
export function normalized(text: string): string {
  return text.toLowerCase().replaceAll("’", "'");
}

function wordsOf(text: string): string[] {
  return normalized(text).match(/[\p{L}\p{N}'-]+/gu) ?? [];
}

/** All runs of two to `longest` neighbouring words. */
function runs(words: readonly string[], longest: number): string[] {
  return words.flatMap((_, from) => {
    const room = Math.min(longest, words.length - from);
    return Array.from({ length: Math.max(0, room - 1) }, (_, more) => words.slice(from, from + more + 2).join(" "));
  });
}

function allNames(names: readonly DemoName[]): string[] {
  return names.flatMap(({ english, translations }) => [english, ...translations]).map(normalized);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function withoutDefined(defined: readonly Gloss[], glosses: readonly Gloss[]): Gloss[] {
  const words = new Set(defined.map(({ word }) => word));
  const definitions = new Set(defined.map(({ definition }) => definition));
  return glosses.filter(({ word, definition }) => !words.has(word.toLowerCase()) && !definitions.has(definition));
}

function makeSums(heldOut: DemoRows["sums"], rng: Rng): string[] {
  const held = new Set(heldOut.flatMap(([a, b]) => [`${a}+${b}`, `${b}+${a}`]));
  const lines: string[] = [];
  while (lines.length < arithmeticLines) {
    const a = rng.below(addendLimit);
    const b = rng.below(addendLimit);
    if (held.has(`${a}+${b}`)) continue;
    lines.push(rng.next() < 0.5 ? `${a}+${b}=${a + b}.` : `${a + b}-${a}=${b}.`);
  }
  return lines;
}
