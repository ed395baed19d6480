import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { err, ok, type Result } from "../../../domain/index.ts";
import { DTYPE_BYTES, LENGTH_BYTES, parseHeader, parseHeaderLength, type Dtype, type TensorPlace } from "./header.ts";

/** What is known of a tensor without keeping it. */
export interface TensorFact {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** sha256 (hex) over the JSON text of [name, dtype, shape] and the bytes: where it lies in which file does not matter. */
  readonly sha256: string;
  /** Every element is zero (or minus zero). */
  readonly zero: boolean;
  /** No element is NaN or infinite; always true for integers. */
  readonly finite: boolean;
}

/**
 * Reads a safetensors file of `fileBytes` bytes once, from its beginning to its end, with little memory. The error is a
 * sentence about what is wrong with the file.
 *
 * @throws what the stream throws.
 */
export async function readTensors(stream: Readable, fileBytes: number): Promise<Result<readonly TensorFact[], string>> {
  const source = new ByteSource(stream);
  try {
    const length = parseHeaderLength(await source.take(LENGTH_BYTES), fileBytes);
    if (!length.ok) return length;
    const header = await source.take(length.value);
    if (header.length < length.value) return err(`expected a header of ${length.value} bytes, found ${header.length}`);
    const places = parseHeader(header, fileBytes - LENGTH_BYTES - length.value);
    if (!places.ok) return places;
    const facts: TensorFact[] = [];
    for (const place of places.value) {
      const fact = await readTensor(source, place);
      if (fact === null) return err(`the file ends inside tensor ${JSON.stringify(place.name)}`);
      facts.push(fact);
    }
    return ok(facts);
  } finally {
    stream.destroy();
  }
}

async function readTensor(
  source: ByteSource,
  { name, dtype, shape, begin, end }: TensorPlace,
): Promise<TensorFact | null> {
  const hash = tensorHash(name, dtype, shape);
  const isFinite = finiteScan(dtype);
  let zero = true;
  let finite = true;
  for (let at = begin; at < end;) {
    const piece = await source.some(end - at);
    if (piece === null) return null;
    hash.update(piece);
    zero &&= isZero(piece, at - begin, dtype);
    finite &&= isFinite(piece, at - begin);
    at += piece.length;
  }
  return { name, dtype, shape, sha256: hash.digest("hex"), zero, finite };
}

function tensorHash(name: string, dtype: Dtype, shape: readonly number[]): Hash {
  return createHash("sha256").update(JSON.stringify([name, dtype, shape]));
}

const FLOATS: ReadonlySet<Dtype> = new Set<Dtype>(["F8_E5M2", "F8_E4M3", "F16", "BF16", "F32", "F64"]);

/** Floats whose exponent is all ones are NaN or infinite: its bits in an element's last byte, and in the byte before. */
const EXPONENT: Partial<Record<Dtype, readonly [last: number, before: number]>> = {
  F16: [0x7c, 0],
  BF16: [0x7f, 0x80],
  F32: [0x7f, 0x80],
  F64: [0x7f, 0xf0],
  F8_E5M2: [0x7c, 0],
  // Has no infinity: only all ones are NaN.
  F8_E4M3: [0x7f, 0],
};

/** Tells piece by piece whether all elements are finite; elements may be cut in two by the pieces' ends. */
function finiteScan(dtype: Dtype): (piece: Uint8Array, offset: number) => boolean {
  const [last, before] = EXPONENT[dtype] ?? [0, 0];
  const size = DTYPE_BYTES[dtype];
  let carried = 0;
  return (piece, offset) => {
    if (last === 0) return true;
    let finite = true;
    for (let at = size - 1 - (offset % size); at < piece.length; at += size) {
      // Most elements differ in the first of the two bytes, so this is one look an element.
      if (((piece[at] ?? 0) & last) !== last) continue;
      const byteBefore = at > 0 ? (piece[at - 1] ?? 0) : carried;
      if ((byteBefore & before) === before) finite = false;
    }
    carried = piece.at(-1) ?? carried;
    return finite;
  };
}

/** Whether all elements of a piece are zero; a float's sign bit, in its last byte, does not count. */
function isZero(piece: Uint8Array, offset: number, dtype: Dtype): boolean {
  const size = DTYPE_BYTES[dtype];
  const signed = FLOATS.has(dtype);
  return piece.every((byte, index) => byte === 0 || (signed && byte === 0x80 && (offset + index) % size === size - 1));
}

/** Bytes of a stream in portions of the reader's choice. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes, at least one; null at the end. */
  async some(most: number): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** `count` bytes, fewer only at the end. */
  async take(count: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let left = count; left > 0;) {
      const piece = await this.some(left);
      if (piece === null) break;
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }
}
