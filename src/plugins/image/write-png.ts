import { crc32, deflateSync } from "node:zlib";
import type { Pixels } from "./pixels.ts";
import { PNG_SIGNATURE } from "./png.ts";

const COLOUR_TYPES = { 3: 2, 4: 6 } as const;
/** Each number as the difference to that of the pixel on its left: photographs become much smaller. */
const SUB = 1;

/** A PNG file of 8 bits a channel. */
export function writePng({ width, height, channels, data }: Pixels): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, COLOUR_TYPES[channels]], 8);
  const stride = width * channels;
  const lines = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    const [from, to] = [y * stride, y * (stride + 1) + 1];
    lines[to - 1] = SUB;
    for (let x = 0; x < stride; x++) {
      const left = x < channels ? 0 : (data[from + x - channels] ?? 0);
      lines[to + x] = (data[from + x] ?? 0) - left;
    }
  }
  return Buffer.concat([PNG_SIGNATURE, chunk("IHDR", header), chunk("IDAT", deflateSync(lines)), chunk("IEND", [])]);
}

function chunk(type: string, data: Uint8Array | readonly []): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), Uint8Array.from(data)]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
