import { type Corpus, makeCorpus } from "./corpus.ts";
import { type DemoRows, makeDemoRows } from "./demo-rows.ts";
import type { DatasetName } from "./paths.ts";
import { readGlosses, readNamedThings } from "./sources.ts";

/** Seeds of the rows and of the corpus: with the pinned source packages they fix every byte. */
const seeds = Object.freeze({ rows: 20_260, corpus: 7 });

/** Everything that the base model's build starts from, made anew from the source packages. */
export interface DemoData {
  readonly rows: DemoRows;
  readonly corpus: Corpus;
}

export function makeDemoData(): DemoData {
  const things = readNamedThings();
  const glosses = readGlosses();
  const rows = makeDemoRows(things, glosses, seeds.rows);
  return { rows, corpus: makeCorpus(rows, things, glosses, seeds.corpus) };
}

/** The content of each dataset's rows.jsonl: one JSON object a line. */
export function datasetFiles(rows: DemoRows): Record<DatasetName, string> {
  return {
    "translate-names": toJsonLines(rows.translateNames),
    definitions: toJsonLines(rows.definitions),
    arithmetic: toJsonLines(rows.arithmetic),
    preferences: toJsonLines(rows.preferences),
  };
}

function toJsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
