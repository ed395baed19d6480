import { constants, isUtf8 } from "node:buffer";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { JsonObject } from "../../contract/index.ts";
import { ok, type Result } from "../../domain/index.ts";
import { fail, type AppError } from "../errors.ts";
import { toRawRow } from "./raw-row.ts";
import { readImageZip } from "./read-image-zip.ts";
import { readParquet } from "./read-parquet.ts";
import { TooLarge, tooManyRows } from "./too-large.ts";
import { mapInTurns, takeTurns } from "./turns.ts";

/** File formats that a dataset may have. */
export const DATASET_FORMATS = ["JSON", "JSONL", "CSV", "PARQUET", "ZIP"] as const;
export type DatasetFormat = (typeof DATASET_FORMATS)[number];

export interface ParseOptions {
  readonly maxRows: number;
  /** What its rows may come to; a file that is packed can be much shorter. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

type Parser = (bytes: Buffer, options: ParseOptions) => Promise<readonly JsonObject[]>;

const PARSERS: Readonly<Record<DatasetFormat, Parser>> = {
  JSON: parseList,
  JSONL: parseLines,
  CSV: parseCsv,
  PARQUET: readParquet,
  ZIP: (bytes, { signal }) => readImageZip(bytes, signal),
};

/** The format that a file's name tells; null where it tells none. */
export function formatOf(path: string): DatasetFormat | null {
  const ending = /\.(json|jsonl|ndjson|csv|parquet|zip)$/i.exec(path)?.[1]?.toUpperCase();
  return DATASET_FORMATS.find((format) => format === (ending === "NDJSON" ? "JSONL" : ending)) ?? null;
}

/**
 * Rows of a file. The error says what was expected and where reading stopped. Nothing in a file is ever run.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function parseRows(
  bytes: Uint8Array,
  format: DatasetFormat,
  options: ParseOptions,
): Promise<Result<readonly JsonObject[], AppError>> {
  try {
    const rows = await PARSERS[format](Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), options);
    if (rows.length > options.maxRows) throw tooManyRows(options.maxRows, rows.length);
    return ok(rows);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof TooLarge) return fail("DATASET_TOO_LARGE", error.message);
    const reason = error instanceof Error ? error.message : String(error);
    return fail(
      "DATASET_UNREADABLE",
      `expected a ${format} file of rows, each an object of columns; reading it failed: ${reason.slice(0, 300)}`,
    );
  }
}

const BYTE_ORDER_MARK = Buffer.from("\uFEFF");

/** A file's bytes without the mark that some programs begin a text with. */
function withoutMark(bytes: Buffer): Buffer {
  if (!isUtf8(bytes)) throw new Error("it is not text in UTF-8: save it in that encoding");
  return bytes.indexOf(BYTE_ORDER_MARK) === 0 ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

async function parseList(bytes: Buffer, { signal }: ParseOptions): Promise<readonly JsonObject[]> {
  const text = withoutMark(bytes);
  const most = constants.MAX_STRING_LENGTH;
  if (text.length > most) throw new Error(`it has more than ${most} bytes: send it as JSON lines`);
  const list = parseJson(text.toString("utf8"), "it");
  if (!Array.isArray(list)) throw new Error("it is not a list of rows");
  return mapInTurns(list, toRawRow, signal);
}

async function parseLines(bytes: Buffer, { maxRows, signal }: ParseOptions): Promise<readonly JsonObject[]> {
  const rest = takeTurns(signal);
  const text = withoutMark(bytes);
  const rows: JsonObject[] = [];
  for (let [from, number] = [0, 1]; from < text.length; number += 1) {
    const end = text.indexOf("\n", from);
    const line = text.toString("utf8", from, end === -1 ? text.length : end);
    from = end === -1 ? text.length : end + 1;
    if (line.trim() === "") continue;
    if (rows.length === maxRows) throw tooManyRows(maxRows, "more");
    rows.push(toRawRow(parseJson(line, `line ${number}`), rows.length));
    await rest();
  }
  return rows;
}

/** The parsers' own messages quote the file, and everybody may read why a task failed. */
function parseJson(json: string, place: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new Error(`${place} is no JSON`, { cause });
  }
}

const PIECE_BYTES = 64 * 1024;

async function parseCsv(bytes: Buffer, { maxRows, signal }: ParseOptions): Promise<readonly JsonObject[]> {
  const parser = parse({ columns: distinct, skip_empty_lines: true });
  const rows: JsonObject[] = [];
  try {
    // What ends the one ends the other; the loop below throws it.
    pipeline(Readable.from(pieces(withoutMark(bytes), signal)), parser, () => undefined);
    for await (const row of parser) {
      if (rows.length === maxRows) throw tooManyRows(maxRows, "more");
      rows.push(toRawRow(row, rows.length));
    }
    return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Error(`line ${String(error["lines"])}: ${error.code.toLowerCase().replaceAll("_", " ")}`, {
      cause: error,
    });
  }
}

function distinct(columns: string[]): string[] {
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice === undefined) return columns;
  throw new Error(`it has the column ${JSON.stringify(twice.slice(0, 100))} twice`);
}

async function* pieces(bytes: Buffer, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const rest = takeTurns(signal);
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    yield bytes.subarray(from, from + PIECE_BYTES);
    await rest();
  }
}
