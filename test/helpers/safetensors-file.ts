/** A tensor of 32-bit floats: `values` repeat until the shape is full. */
export interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A well-formed safetensors file, its tensors in the given order. */
export function safetensorsFile(tensors: readonly FileTensor[]): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length: count }, (_, index) => values[index % values.length] ?? 0);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    pieces.push(Buffer.from(data.buffer));
    offset += data.byteLength;
  }
  return rawSafetensors(JSON.stringify(header), Buffer.concat(pieces));
}

/** A file with exactly this header text and data, right or wrong; `length` overrides what its first 8 bytes claim. */
export function rawSafetensors(header: string, data: Buffer, length?: bigint): Buffer {
  const text = Buffer.from(header);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([start, text, data]);
}
