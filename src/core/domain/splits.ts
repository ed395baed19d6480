import { normaliseWhiteSpace } from "./canonical-json.ts";
import { requireCount } from "./numeric-guards.ts";
import { DATASET } from "./params.ts";
import { shuffle } from "./rng.ts";
import type { Rng } from "./rng.ts";

/** Sizes of the splits for a dataset without duplicates. */
export interface SplitSizes {
  readonly test: number;
  readonly synth: number;
  readonly train: number;
}

/**
 * |TEST| = min(floor(0.1·N), 1000) but at least 1, |SYNTH| = min(floor(1.0·N), 300), TRAIN = N − |TEST| (spec section 4).
 *
 * @throws RangeError unless `rows` is an integer of at least 1.
 */
export function splitSizes(rows: number): SplitSizes {
  requireCount("rows", rows, 1);
  const test = Math.max(1, Math.min(Math.floor(DATASET.testFraction * rows), DATASET.testCap));
  const synth = Math.min(Math.floor(DATASET.synthFraction * rows), DATASET.synthCap);
  return { test, synth, train: rows - test };
}

/** Why a dataset is too small to be split, with the numbers. */
export interface TooFewRows {
  readonly code: "TOO_FEW_ROWS";
  readonly rows: number;
  readonly distinct: number;
  /** Distinct rows that are needed. */
  readonly needed: number;
  readonly message: string;
}

/** Indices of equal rows (white space normalised) together, groups and members in order of first appearance. */
export function groupDuplicates(keys: readonly string[]): number[][] {
  return [...Map.groupBy(keys.keys(), (index) => normaliseWhiteSpace(keys[index] ?? "")).values()];
}

/**
 * Null where the dataset can be split, else why not: fewer distinct rows than |TEST| + 2, or than the operator's minimum.
 *
 * @throws RangeError unless the numbers are counts.
 */
export function rowShortage(
  counts: { readonly rows: number; readonly distinct: number },
  minimumRows: number = DATASET.minimumRows,
): TooFewRows | null {
  const rows = requireCount("rows", counts.rows);
  const distinct = requireCount("distinct", counts.distinct);
  const test = rows === 0 ? 1 : splitSizes(rows).test;
  const needed = Math.max(test + DATASET.minimumTrainGroups, requireCount("the minimum of rows", minimumRows));
  if (distinct >= needed) return null;
  const message = `needs at least ${needed} distinct rows, found ${distinct} among ${rows}; add rows that differ`;
  return { code: "TOO_FEW_ROWS", rows, distinct, needed, message };
}

/** Which rows go where, as indices into the dataset. */
export interface RowSplit {
  /** In drawn order, no two alike. */
  readonly test: readonly number[];
  /** In the dataset's order; holds no row that is in TEST, in any white space. */
  readonly train: readonly number[];
  /** Copies of TEST rows that left TRAIN. */
  readonly duplicatesRemoved: number;
  /** Groups of exact duplicates. */
  readonly distinct: number;
}

/**
 * Splits rows given by their canonical text (see canonicalRowKey): groups of exact duplicates are shuffled as groups, the
 * first member of each of the first |TEST| groups enters TEST and its copies leave TRAIN.
 *
 * @throws RangeError where fewer than |TEST| + 2 rows are distinct (ask rowShortage first).
 */
export function splitRows(keys: readonly string[], rng: Rng): RowSplit {
  const groups = groupDuplicates(keys);
  const shortage = rowShortage({ rows: keys.length, distinct: groups.length }, 0);
  if (shortage !== null) throw new RangeError(`the dataset ${shortage.message}`);

  const testGroups = shuffle(groups, rng).slice(0, splitSizes(keys.length).test);
  const test = testGroups.flatMap((group) => group.slice(0, 1));
  const held = new Set(testGroups.flat());
  const train = [...keys.keys()].filter((index) => !held.has(index));
  return { test, train, duplicatesRemoved: held.size - test.length, distinct: groups.length };
}

/**
 * The TEST row (its position in TEST) that each SYNTH row rewrites: a shuffled TEST is gone through as often as needed,
 * so that no row is rewritten twice before every row was rewritten once.
 *
 * @throws RangeError unless `testRows` is at least 1 and `synthRows` a count.
 */
export function synthSources(testRows: number, synthRows: number, rng: Rng): number[] {
  requireCount("testRows", testRows, 1);
  requireCount("synthRows", synthRows);
  const order = shuffle([...Array(testRows).keys()], rng);
  const rounds = Array.from({ length: Math.ceil(synthRows / testRows) }, () => order);
  return rounds.flat().slice(0, synthRows);
}
