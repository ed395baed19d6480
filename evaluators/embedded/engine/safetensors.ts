import { closeSync, fstatSync, openSync, readSync, writeFileSync } from "node:fs";
import { fromBfloat16, fromFloat16 } from "./half-floats.ts";
import { ModelError } from "./model-error.ts";
import type { TensorEntry } from "./safetensors-header.ts";
import { LENGTH_BYTES, parseHeader, parseHeaderLength } from "./safetensors-header.ts";
import type { Weights, WeightTensor } from "./weights.ts";

const DEFAULT_MAXIMUM_BYTES = 1024 ** 3;

/** Reads a whole safetensors file as f32; F16 and BF16 are widened, other dtypes are refused with MALFORMED_MODEL. */
export function readSafetensors(path: string, maximumBytes = DEFAULT_MAXIMUM_BYTES): Map<string, WeightTensor> {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size > maximumBytes)
      throw new ModelError("MALFORMED_MODEL", `The file has ${size} bytes, at most ${maximumBytes} are allowed.`);
    const headerBytes = parseHeaderLength(readRange(file, 0, Math.min(size, LENGTH_BYTES)), size);
    const dataStart = LENGTH_BYTES + headerBytes;
    const entries = parseHeader(readRange(file, LENGTH_BYTES, headerBytes), size - dataStart);
    const weights = new Map<string, WeightTensor>();
    for (const entry of entries) {
      const bytes = readRange(file, dataStart + entry.start, entry.end - entry.start);
      weights.set(entry.name, { shape: entry.shape, data: toFloats(entry, bytes) });
    }
    return weights;
  } finally {
    closeSync(file);
  }
}

/** Bytes of a part of the file, at the start of a buffer of their own so that a float view of them is aligned. */
function readRange(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(file, bytes, done, length - done, position + done);
    if (count === 0) throw new ModelError("MALFORMED_MODEL", "The file ended while it was read.");
    done += count;
  }
  return bytes;
}

function toFloats({ name, dtype }: TensorEntry, bytes: Uint8Array): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes.buffer);
  if (dtype === "F16") return fromFloat16(bytes);
  if (dtype === "BF16") return fromBfloat16(bytes);
  throw new ModelError("MALFORMED_MODEL", `Tensor ${name} has dtype ${dtype}; F32, F16 and BF16 are understood.`);
}

/** Writes tensors as F32 in the order of their names, so that equal weights give equal files. */
export function writeSafetensors(path: string, weights: Weights, metadata = { format: "pt" }): void {
  const names = [...weights.keys()].sort();
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const name of names) {
    const tensor = weights.get(name);
    if (tensor === undefined) continue;
    const { shape, data } = tensor;
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
  json.copy(padded);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileSync(path, Buffer.concat([length, padded, ...parts]));
}
