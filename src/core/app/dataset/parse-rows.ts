import { CsvError, parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { z } from "zod";
import type { JsonObject } from "../../contract/index.ts";
import { err, ok, type Result } from "../../domain/index.ts";
import { readImageZip } from "./read-image-zip.ts";

/** File formats that a dataset may have. */
export const DATASET_FORMATS = ["JSON", "JSONL", "CSV", "PARQUET", "ZIP"] as const;
export type DatasetFormat = (typeof DATASET_FORMATS)[number];

const jsonRow = z.record(z.string(), z.json());

type Parser = (bytes: Uint8Array) => Promise<readonly unknown[]> | readonly unknown[];

const text = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

const PARSERS: Readonly<Record<DatasetFormat, Parser>> = {
  JSON: (bytes) => z.array(z.unknown()).parse(parseJson(text(bytes), "it")),
  JSONL: (bytes) =>
    text(bytes)
      .split("\n")
      .flatMap((line, index) => (line.trim() === "" ? [] : [parseJson(line, `line ${index + 1}`)])),
  CSV: (bytes) => parseCsv(text(bytes)),
  PARQUET: (bytes) => parquetReadObjects({ file: new Uint8Array(bytes).buffer }),
  ZIP: readImageZip,
};

/** The parsers' own messages quote the file, and everybody may read why a task failed. */
function parseJson(json: string, place: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new Error(`${place} is no JSON`, { cause });
  }
}

function parseCsv(csv: string): readonly unknown[] {
  try {
    return parse(csv, { columns: true, bom: true, skip_empty_lines: true, max_record_size: 1_000_000 });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Error(`line ${String(error["lines"])}: ${error.code.toLowerCase().replaceAll("_", " ")}`, {
      cause: error,
    });
  }
}

/** The format that a file's name tells; null where it tells none. */
export function formatOf(path: string): DatasetFormat | null {
  const ending = /\.(json|jsonl|ndjson|csv|parquet|zip)$/i.exec(path)?.[1]?.toUpperCase();
  return DATASET_FORMATS.find((format) => format === (ending === "NDJSON" ? "JSONL" : ending)) ?? null;
}

/** Rows of a file. The error says what was expected and where reading stopped. Nothing in a file is ever run. */
export async function parseRows(
  bytes: Uint8Array,
  format: DatasetFormat,
): Promise<Result<readonly JsonObject[], string>> {
  try {
    const parsed = await PARSERS[format](bytes);
    return ok(parsed.map((row) => jsonRow.parse(toJson(row))));
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? "a row is not an object of JSON values"
        : error instanceof Error
          ? error.message
          : String(error);
    return err(
      `expected a ${format} file of rows, each an object of columns; reading it failed: ${reason.slice(0, 300)}`,
    );
  }
}

/** Parquet has integers beyond JSON and dates: as text. */
function toJson(row: unknown): unknown {
  return JSON.parse(JSON.stringify(row, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
}
