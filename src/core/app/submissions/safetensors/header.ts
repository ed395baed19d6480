import { z } from "zod";
import { err, ok, parseStrictJson, type Result } from "../../../domain/index.ts";

/** Bytes of one element. */
export const DTYPE_BYTES = Object.freeze({
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
  I64: 8,
  U64: 8,
  F64: 8,
} as const);
export type Dtype = keyof typeof DTYPE_BYTES;

/** One tensor of a file: its bytes lie in [begin, end) behind the header. */
export interface TensorPlace {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Bytes in front of the header: its length, little-endian. */
export const LENGTH_BYTES = 8;
const MOST_HEADER_BYTES = 16 * 1024 * 1024;
const MOST_TENSORS = 20_000;
const LONGEST_NAME = 500;

const count = z.int().nonnegative();
const place = z.strictObject({
  dtype: z.enum(Object.keys(DTYPE_BYTES) as [Dtype, ...Dtype[]]), // Object.keys forgets the literal types
  shape: z.array(count).max(8),
  data_offsets: z.tuple([count, count]),
});
// Other parsers refuse halves of surrogate pairs.
const wellFormed = z.string().refine((text) => text.isWellFormed());
const metadata = z.record(wellFormed, wellFormed);

/** The header's length in bytes, from the file's first 8 bytes and its size. */
export function parseHeaderLength(start: Uint8Array, fileBytes: number): Result<number, string> {
  if (start.length < LENGTH_BYTES) return err(`expected at least ${LENGTH_BYTES} bytes, found ${start.length}`);
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  const most = Math.min(MOST_HEADER_BYTES, fileBytes - LENGTH_BYTES);
  if (length > BigInt(most))
    return err(`expected a header of at most ${most} bytes in a file of ${fileBytes}, found one of ${length}`);
  return ok(Number(length));
}

/**
 * The tensors of a safetensors header in the order of their bytes. The bytes must be covered without gap or overlap,
 * each tensor must be as long as dtype and shape say, and no name may occur twice.
 */
export function parseHeader(header: Uint8Array, dataBytes: number): Result<readonly TensorPlace[], string> {
  if (header[0] !== 0x7b) return err("expected the header to start with {");
  const json = parseStrictJson(header);
  if (!json.ok) return err(`the header is refused: ${json.error}`);
  const { __metadata__, ...tensors } = json.value as Record<string, unknown>; // valid JSON that starts with { is an object
  if (__metadata__ !== undefined && !metadata.safeParse(__metadata__).success) {
    return err("expected __metadata__ to map texts to texts");
  }
  const entries = Object.entries(tensors);
  if (entries.length < 1 || entries.length > MOST_TENSORS) {
    return err(`expected 1 to ${MOST_TENSORS} tensors, found ${entries.length}`);
  }
  const places: TensorPlace[] = [];
  for (const [name, value] of entries) {
    const parsed = parsePlace(name, value);
    if (!parsed.ok) return parsed;
    places.push(parsed.value);
  }
  places.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const gap = findGap(places, dataBytes);
  if (gap !== null) return err(gap);
  return hasPlainNumbers(Buffer.from(header).toString("latin1")) ? ok(places) : err("expected numbers of digits alone");
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

function parsePlace(name: string, value: unknown): Result<TensorPlace, string> {
  const label = JSON.stringify(name.slice(0, 100));
  if (name.length > LONGEST_NAME) return err(`expected names of at most ${LONGEST_NAME} characters, found ${label}…`);
  const parsed = place.safeParse(value);
  if (!parsed.success)
    return err(`tensor ${label}: ${parsed.error.issues[0]?.path.join(".")} ${parsed.error.issues[0]?.message}`);
  const { dtype, shape } = parsed.data;
  const [begin, end] = parsed.data.data_offsets;
  const bytes = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);
  if (Number.isSafeInteger(bytes) && end - begin === bytes) return ok({ name, dtype, shape, begin, end });
  return err(`tensor ${label}: expected ${bytes} bytes for ${dtype} [${shape.join(", ")}], found ${end - begin}`);
}

function findGap(places: readonly TensorPlace[], dataBytes: number): string | null {
  let at = 0;
  for (const { name, begin, end } of places) {
    if (begin !== at) return `tensor ${JSON.stringify(name)}: expected its bytes to begin at ${at}, found ${begin}`;
    at = end;
  }
  return at === dataBytes ? null : `expected the tensors to end at ${dataBytes}, found ${at}`;
}
