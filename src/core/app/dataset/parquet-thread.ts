import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type FileMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { TooLarge, tooManyRows } from "./too-large.ts";

/** What read-parquet.ts asks this thread for. */
export interface ParquetRequest {
  readonly bytes: Uint8Array;
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** Some of the rows, or how reading ended. */
export type ParquetAnswer =
  | { readonly kind: "rows"; readonly rows: readonly unknown[] }
  | { readonly kind: "end" }
  | { readonly kind: "tooLarge"; readonly message: string }
  | { readonly kind: "error"; readonly message: string };

/** Numbers of one page: the reader makes room for as many as the page says, whatever its length. */
const MOST_VALUES = 16 * 1024 * 1024;
const MOST_PAGE_BYTES = 512 * 1024 * 1024;
/** Receiving rows takes time as well, and others wait meanwhile. */
const SENT_ROWS = 10_000;

const unpack =
  (decompress: (packed: Uint8Array, limit: { maxOutputLength: number }) => Uint8Array) =>
  (packed: Uint8Array, length: number): Uint8Array =>
    decompress(packed, { maxOutputLength: length + 1 });
const compressors = {
  GZIP: unpack(gunzipSync),
  ZSTD: unpack(zstdDecompressSync),
  BROTLI: unpack(brotliDecompressSync),
};

const { bytes, maxRows, maxBytes } = workerData as ParquetRequest; // read-parquet.ts made it
const answer = (said: ParquetAnswer): void => parentPort?.postMessage(said, []);

try {
  await readGroups();
  answer({ kind: "end" });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  answer({ kind: error instanceof TooLarge ? "tooLarge" : "error", message });
}

async function readGroups(): Promise<void> {
  const file: AsyncBuffer = {
    byteLength: bytes.length,
    slice: (start, end) => Uint8Array.prototype.slice.call(bytes, start, end).buffer,
  };
  const metadata = await parquetMetadataAsync(file);
  if (metadata.num_rows > maxRows) throw tooManyRows(maxRows, metadata.num_rows);
  requireModestPages(metadata);
  let rowStart = 0;
  let texts = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const found = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
    const rows = found.map((row) => toJson(row));
    // A text that many rows share is one text here, and many where they are sent to.
    texts += rows.reduce<number>((sum, row) => sum + textLength(row), 0);
    if (texts > maxBytes) throw new TooLarge(`expected rows of at most ${maxBytes} bytes, found more`);
    for (let from = 0; from < rows.length; from += SENT_ROWS) {
      answer({ kind: "rows", rows: rows.slice(from, from + SENT_ROWS) });
      // Lets them go on their way before there are more.
      await setImmediate();
    }
    rowStart = rowEnd;
  }
}

/** @throws {Error} where a page announces more than any program would put into one. */
function requireModestPages({ row_groups: groups }: FileMetaData): void {
  for (const { meta_data: column } of groups.flatMap(({ columns }) => columns)) {
    if (column === undefined) throw new Error("a column is in another file");
    const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
    const view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      Math.min(bytes.length, start + Number(column.total_compressed_size)),
    );
    const reader = { view, offset: start };
    while (reader.offset < view.byteLength - 1) {
      const page = parquetHeader(reader);
      const values =
        (page.data_page_header ?? page.data_page_header_v2 ?? page.dictionary_page_header)?.num_values ?? 0;
      if (values > MOST_VALUES || page.uncompressed_page_size > MOST_PAGE_BYTES || page.compressed_page_size < 0)
        throw new Error("a page of it is too large");
      reader.offset += page.compressed_page_size;
    }
  }
}

/** Integers may be beyond JSON's, so they are text, like dates. Numbers that JSON lacks are left out, bytes are base64. */
function toJson(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)].map(toJson); // any list of numbers
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member)]));
}

function textLength(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + textLength(member), 0);
}
