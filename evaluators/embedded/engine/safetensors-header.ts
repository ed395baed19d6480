import { z } from "zod";
import { findDuplicateKey } from "./duplicate-keys.ts";
import { ModelError } from "./model-error.ts";

// The server's intake has checked the same; an evaluator imports nothing of the server and trusts nobody, so it looks again.

/** Bytes per element of every dtype that the format knows. */
const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

/** Where one tensor lies; offsets count from the end of the header. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

export const LENGTH_BYTES = 8;
const MAXIMUM_HEADER_BYTES = 16 * 1024 * 1024;
const MAXIMUM_TENSORS = 20_000;
const MAXIMUM_RANK = 8;

const safeInteger = z.number().int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(DTYPE_BYTES) as [Dtype, ...Dtype[]]),
  shape: z.array(safeInteger).max(MAXIMUM_RANK),
  data_offsets: z.tuple([safeInteger, safeInteger]),
});
// Other parsers refuse halves of surrogate pairs.
const wellFormed = z.string().refine((text) => text.isWellFormed());
const metadataSchema = z.record(wellFormed, wellFormed);

const malformed = (message: string, cause?: unknown): ModelError =>
  new ModelError("MALFORMED_MODEL", `Not a valid safetensors file: ${message}`, { cause });

/** Length of the JSON header from the first eight bytes, checked against the file's size. */
export function parseHeaderLength(prefix: Uint8Array, fileBytes: number): number {
  if (prefix.byteLength < LENGTH_BYTES) throw malformed(`the file has ${fileBytes} bytes, at least 8 are needed.`);
  const length = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(MAXIMUM_HEADER_BYTES))
    throw malformed(`its header claims ${length} bytes, at most ${MAXIMUM_HEADER_BYTES} are allowed.`);
  if (Number(length) > fileBytes - LENGTH_BYTES)
    throw malformed(`its header claims ${length} bytes, but only ${fileBytes - LENGTH_BYTES} follow.`);
  return Number(length);
}

/**
 * The tensors of a header in the order of their data, which must fill `dataBytes` without a gap or an overlap; every
 * name occurs once and every byte range fits its dtype and shape.
 */
export function parseHeader(header: Uint8Array, dataBytes: number): readonly TensorEntry[] {
  const text = decodeHeader(header);
  const json = parseJson(text);
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw malformed("its header is not an object.");
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) throw malformed(`its header has the key ${JSON.stringify(duplicate)} twice.`);

  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name !== "__metadata__") entries.push(parseEntry(name, value));
    else if (!metadataSchema.safeParse(value).success) throw malformed("__metadata__ must map strings to strings.");
  }
  if (entries.length > MAXIMUM_TENSORS)
    throw malformed(`it has ${entries.length} tensors, at most ${MAXIMUM_TENSORS}.`);
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  checkCoverage(entries, dataBytes);
  if (!hasPlainNumbers(text)) throw malformed("its numbers must be written as digits alone.");
  return entries;
}

/** Whether all numbers are written as digits alone, as the format's other parsers want them: no 64.0, 1e2 or -0. */
function hasPlainNumbers(json: string): boolean {
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charAt(at);
    if (char === '"') inText = !inText;
    else if (inText && char === "\\") at += 1;
    else if (!inText && "-.eE".includes(char)) return false;
  }
  return true;
}

function decodeHeader(header: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch (error) {
    throw malformed("its header is not UTF-8.", error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed("its header is not JSON.", error);
  }
}

function parseEntry(name: string, value: unknown): TensorEntry {
  const label = JSON.stringify(name.slice(0, 200));
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) throw malformed(`tensor ${label}: ${z.prettifyError(parsed.error)}`);
  const { dtype, shape } = parsed.data;
  const [start, end] = parsed.data.data_offsets;
  const expected = shape.reduce((product, side) => product * side, DTYPE_BYTES[dtype]);
  if (!Number.isSafeInteger(expected) || end - start !== expected)
    throw malformed(`tensor ${label} of ${dtype} [${shape.join(", ")}] needs ${expected} bytes, has ${end - start}.`);
  return { name, dtype, shape, start, end };
}

function checkCoverage(entries: readonly TensorEntry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, start, end } of entries) {
    if (start !== covered)
      throw malformed(`tensor ${JSON.stringify(name.slice(0, 200))} starts at ${start}, expected ${covered}.`);
    covered = end;
  }
  if (covered !== dataBytes) throw malformed(`its tensors cover ${covered} bytes of ${dataBytes}.`);
}
