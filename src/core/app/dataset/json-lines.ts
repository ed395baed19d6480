import { mapInTurns } from "./turns.ts";

/** Lines of JSON, a buffer each: together they may be more than one string can hold. */
export interface JsonLines {
  readonly lines: readonly Buffer[];
  /** Of all of them. */
  readonly bytes: number;
}

/** @param write a row's line, with its end. @throws the signal's reason when it is aborted. */
export async function toJsonLines<Row>(
  rows: readonly Row[],
  write: (row: Row) => string,
  signal?: AbortSignal,
): Promise<JsonLines> {
  const lines = await mapInTurns(rows, (row) => Buffer.from(write(row), "utf8"), signal);
  return { lines, bytes: lines.reduce((total, { length }) => total + length, 0) };
}
