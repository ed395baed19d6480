import { readFileSync } from "node:fs";
import { createRng, type Rng } from "../../evaluators/embedded/engine/index.ts";
import {
  type Family,
  fillTemplate,
  parseFamily,
  type Template,
} from "../../src/plugins/template-synthesizer/family.ts";
import { familyPath } from "./paths.ts";
import { type Gloss, type Language, languageNames, type NamedThing } from "./sources.ts";

/** A row of an instruct dataset. */
export interface InstructRow {
  readonly instruction: string;
  readonly output: string;
}

/** A constructed pair: the name in the language that was asked for, and in another one. */
export interface PreferenceRow {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

export interface ArithmeticRow {
  readonly prompt: string;
  readonly answer: string;
}

/** A translation that a dataset holds: whatever is listed here stays out of the base model's corpus. */
export interface DemoName {
  readonly english: string;
  readonly translations: readonly string[];
}

/** All demo datasets, and what must be kept out of the base model's corpus because of them. */
export interface DemoRows {
  readonly translateNames: readonly InstructRow[];
  readonly definitions: readonly InstructRow[];
  readonly arithmetic: readonly ArithmeticRow[];
  readonly preferences: readonly PreferenceRow[];
  readonly names: readonly DemoName[];
  readonly defined: readonly Gloss[];
  readonly sums: readonly (readonly [a: number, b: number])[];
}

const sizes = { translateNames: 1600, contrasted: 400, definitions: 400, arithmetic: 240 } as const;
const addendLimit = 30;
/** Added to the seed for the templates of mirrored pairs. */
const mirrorSeed = 1;

/** Makes every demo row from the sources: the same seed and sources give the same rows in the same order. */
export function makeDemoRows(things: readonly NamedThing[], glosses: readonly Gloss[], seed: number): DemoRows {
  const family = readFamily("translate-names");
  const rng = createRng(seed);
  const inEnglishOnce = rng.shuffled([
    ...new Map(things.map((thing) => [thing.english.toLowerCase(), thing])).values(),
  ]);
  const translatable = inEnglishOnce.filter((thing) => foreignNames(thing).length > 0);
  const translated = translatable.slice(0, sizes.translateNames);
  const contrasted = translatable.slice(sizes.translateNames).filter((thing) => foreignNames(thing).length > 1);

  const nextTemplate = templateDealer(family.templates, rng);
  const translations = translated.map((thing) => {
    const [language] = rng.shuffled(foreignNames(thing));
    if (language === undefined) throw new Error(`expected a foreign name of ${thing.english}`);
    return { english: thing.english, language, output: thing.translations[language] };
  });
  const pairs = contrasted.slice(0, sizes.contrasted).map((thing) => {
    const [right, wrong] = rng.shuffled(foreignNames(thing));
    if (right === undefined || wrong === undefined) throw new Error(`expected two names of ${thing.english}`);
    return {
      english: thing.english,
      language: right,
      chosen: thing.translations[right],
      otherLanguage: wrong,
      rejected: thing.translations[wrong],
    };
  });
  const defined = chooseDefinitions(glosses, rng);
  const sums = rng.shuffled(unorderedPairs(addendLimit)).slice(0, sizes.arithmetic);
  return {
    translateNames: translations.map(({ english, language, output }) => ({
      instruction: fillTemplate(nextTemplate(), { source: english, language }),
      output,
    })),
    preferences: makePreferenceRows(
      pairs,
      nextTemplate,
      templateDealer(family.templates, createRng(seed + mirrorSeed)),
    ),
    definitions: makeDefinitionRows(defined, rng),
    arithmetic: makeArithmeticRows(sums, rng),
    names: [
      ...translations.map(({ english, output }) => ({ english, translations: [output] })),
      ...pairs.map(({ english, chosen, rejected }) => ({ english, translations: [chosen, rejected] })),
    ],
    defined,
    sums,
  };
}

interface NamePair {
  readonly english: string;
  readonly language: Language;
  readonly chosen: string;
  readonly otherLanguage: Language;
  readonly rejected: string;
}

/**
 * Each pair twice: asked for one language, then for the other one, where the other answer is the right one. So no answer
 * is better in itself, and a model has to read the prompt.
 */
function makePreferenceRows(
  pairs: readonly NamePair[],
  nextTemplate: () => Template,
  nextMirrored: () => Template,
): PreferenceRow[] {
  return pairs.flatMap(({ english, language, chosen, otherLanguage, rejected }) => [
    { prompt: fillTemplate(nextTemplate(), { source: english, language }), chosen, rejected },
    {
      prompt: fillTemplate(nextMirrored(), { source: english, language: otherLanguage }),
      chosen: rejected,
      rejected: chosen,
    },
  ]);
}

/** Languages whose name differs from the English one and from those of the languages before. */
function foreignNames(thing: NamedThing): Language[] {
  const seen = new Set([thing.english.toLowerCase()]);
  return languageNames.filter((language) => {
    const name = thing.translations[language].toLowerCase();
    return !seen.has(name) && seen.add(name);
  });
}

/** Deals the templates that rows may use: each as often as the others, shuffled anew for every round. */
function templateDealer(templates: readonly Template[], rng: Rng): () => Template {
  const usable = templates.filter(({ usedInRows }) => usedInRows);
  let round: Template[] = [];
  return () => {
    if (round.length === 0) round = rng.shuffled(usable);
    const template = round.pop();
    if (template === undefined) throw new Error("expected at least one template with usedInRows, found none");
    return template;
  };
}

function chooseDefinitions(glosses: readonly Gloss[], rng: Rng): Gloss[] {
  const short = glosses.filter(
    ({ word, definition }) => /^[a-z]{4,12}$/.test(word) && /^[a-z][a-z ,'-]{9,58}$/.test(definition),
  );
  const once = new Map(rng.shuffled(short).map((gloss) => [gloss.word, gloss]));
  return [...once.values()].slice(0, sizes.definitions);
}

function makeDefinitionRows(defined: readonly Gloss[], rng: Rng): InstructRow[] {
  const nextTemplate = templateDealer(readFamily("definitions").templates, rng);
  return defined.map(({ word, definition }) => ({
    instruction: fillTemplate(nextTemplate(), { word }),
    output: definition,
  }));
}

function makeArithmeticRows(sums: DemoRows["sums"], rng: Rng): ArithmeticRow[] {
  const nextTemplate = templateDealer(readFamily("arithmetic").templates, rng);
  return sums.map((pair) => {
    const [a, b] = rng.next() < 0.5 ? pair : [pair[1], pair[0]];
    return { prompt: fillTemplate(nextTemplate(), { a: `${a}`, b: `${b}` }), answer: `${a + b}` };
  });
}

function unorderedPairs(limit: number): (readonly [number, number])[] {
  return Array.from({ length: limit }, (_, a) =>
    Array.from({ length: limit - a }, (_, more) => [a, a + more] as const),
  ).flat();
}

function readFamily(dataset: Parameters<typeof familyPath>[0]): Family {
  return parseFamily(JSON.parse(readFileSync(familyPath(dataset), "utf8")));
}
