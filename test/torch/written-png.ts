import { crc32, deflateSync } from "node:zlib";

export interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth: 8 | 16;
  /** The PNG specification's number: 0 grey, 2 colours, 3 palette, 4 grey with alpha, 6 colours with alpha. */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  /** All lines without filters, one after the other. */
  readonly data: Uint8Array;
  /** Contents of other chunks in front of the image's data. */
  readonly chunks?: Readonly<Record<string, Uint8Array>>;
}

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** A PNG whose lines go through all five filters in turn. */
export function writtenPng({ width, height, depth, colourType, data, chunks = {} }: PngParts): Buffer {
  const step = (CHANNELS[colourType] * depth) / 8;
  const length = width * step;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType], 8);
  const lines = Array.from({ length: height }, (_, y) => {
    const line = data.subarray(y * length, (y + 1) * length);
    const above = y === 0 ? new Uint8Array(length) : data.subarray((y - 1) * length, y * length);
    return Buffer.from([y % 5, ...line.map((value, i) => value - guess(y % 5, { line, above, i, step }))]);
  });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...Object.entries(chunks).map(([name, content]) => chunk(name, content)),
    chunk("IDAT", deflateSync(Buffer.concat(lines))),
    chunk("IEND", new Uint8Array()),
  ]);
}

interface Place {
  readonly line: Uint8Array;
  readonly above: Uint8Array;
  readonly i: number;
  readonly step: number;
}

function guess(filter: number, { line, above, i, step }: Place): number {
  const left = line[i - step] ?? 0;
  const up = above[i] ?? 0;
  const corner = above[i - step] ?? 0;
  if (filter === 4) {
    const distances = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
    return [left, up, corner][distances.indexOf(Math.min(...distances))] ?? 0;
  }
  return [0, left, up, Math.floor((left + up) / 2)][filter] ?? 0;
}

function chunk(name: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(content.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
