import { deflateSync } from "node:zlib";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { pictureOnly, pngOrientation, pngProblem } from "./png.ts";

const grey = (width: number, height: number, channels: number, depth: 8 | 16 = 8) => {
  const count = width * height * channels;
  const data = depth === 8 ? new Uint8Array(count).fill(90) : new Uint16Array(count).fill(90);
  return encode({ width, height, data, channels, depth });
};

/** A PNG whose second chunk is this one; the checksum is right. */
function withChunk(png: Uint8Array, type: string, data: Uint8Array): Uint8Array {
  const end = 33;
  return Buffer.concat([png.subarray(0, end), chunk(type, data), png.subarray(end)]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** EXIF data that say no more than an orientation. */
const exif = (orientation: number): Uint8Array => {
  const data = Buffer.alloc(26);
  data.write("MM", 0, "latin1");
  data.writeUInt16BE(42, 2);
  data.writeUInt32BE(8, 4);
  data.writeUInt16BE(1, 8);
  data.writeUInt16BE(0x0112, 10);
  data.writeUInt16BE(3, 12);
  data.writeUInt32BE(1, 14);
  data.writeUInt16BE(orientation, 18);
  return data;
};

/** A header of its own with the given pixel data. */
function pngOf(
  width: number,
  height: number,
  pixels: Uint8Array,
  { depth = 8, colour = 2, interlace = 0, palette = 0 } = {},
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlace], 8);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    ...(palette === 0 ? [] : [chunk("PLTE", new Uint8Array(palette * 3))]),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

const rgb = grey(8, 8, 3);

describe("checking a PNG", () => {
  it.each([
    ["colours", rgb],
    ["colours and alpha", grey(9, 8, 4)],
    ["grey", grey(8, 10, 1)],
    ["grey and alpha", grey(8, 10, 2)],
    ["16 bits", grey(8, 8, 3, 16)],
    ["a comment", withChunk(rgb, "zTXt", Buffer.concat([Buffer.from("p\0\0"), deflateSync(Buffer.from("hello"))]))],
    ["EXIF data", withChunk(rgb, "eXIf", exif(6))],
    ["a transparent colour", withChunk(rgb, "tRNS", new Uint8Array(6))],
    ["EXIF data too short to mean anything", withChunk(rgb, "eXIf", new Uint8Array(3))],
  ])("accepts %s", (_, bytes) => {
    expect(pngProblem(bytes)).toBeNull();
  });

  it.each([
    ["no EXIF data", rgb, 1],
    ["EXIF data that turn it", withChunk(rgb, "eXIf", exif(6)), 6],
    ["EXIF data of nonsense", withChunk(rgb, "eXIf", exif(9)), 1],
    ["data that only look like EXIF", withChunk(rgb, "eXIf", Buffer.from(exif(6)).fill(0, 0, 2)), 1],
    ["EXIF data that stop early", withChunk(rgb, "eXIf", exif(6).subarray(0, 18)), 1],
  ])("reads the orientation from %s", (_, bytes, orientation) => {
    expect(pngOrientation(bytes)).toBe(orientation);
  });

  const packed = Buffer.concat([Buffer.from("p\0\0", "latin1"), deflateSync(Buffer.alloc(2_000_000))]);
  it.each([
    ["a bomb as its colour profile", withChunk(rgb, "iCCP", packed)],
    ["a bomb as a comment", withChunk(rgb, "zTXt", packed)],
    ["EXIF data with a place", withChunk(rgb, "eXIf", exif(1))],
    ["something behind its end", Buffer.concat([rgb, Buffer.from("PK")])],
  ])("is nothing but its picture to whoever gets it, without %s", (_, bytes) => {
    expect(pngProblem(bytes)).toBeNull();
    expect(pictureOnly(bytes)).toEqual(Buffer.from(rgb));
  });

  it.each([
    ["colours", 2, 3],
    ["grey", 0, 1],
  ])("of %s with a palette to choose for old screens is not looked up in it", (_, colour, channels) => {
    const pixels = new Uint8Array(8 * (8 * channels + 1)).fill(1, 1, 9);
    const suggested = pngOf(8, 8, pixels, { colour, palette: 256 });
    expect(pngProblem(suggested)).toBeNull();
    expect(pictureOnly(suggested)).toEqual(pngOf(8, 8, pixels, { colour }));
  });

  it("stays as it is where it is nothing but its picture", () => {
    expect(pictureOnly(rgb)).toBe(rgb);
  });

  const unnamed = pngOf(8, 8, new Uint8Array(72), { colour: 3 });
  const paletteLast = Buffer.concat([
    unnamed.subarray(0, -12),
    chunk("PLTE", new Uint8Array(3)),
    unnamed.subarray(-12),
  ]);
  const manyChunks = Buffer.concat(Array.from({ length: 65_536 }, () => chunk("tIME", new Uint8Array(0))));
  const broken = Uint8Array.from(rgb);
  broken.set([0xff, 0xff], 50);
  it.each([
    ["an empty file", new Uint8Array(0), "another kind of file"],
    ["a JPEG", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), "another kind of file"],
    ["a file that was cut off", rgb.subarray(0, rgb.length - 20), "ends in the middle"],
    ["changed bytes", broken, "must be an intact PNG"],
    ["sides that are too short", grey(7, 8, 3), "found 7 x 8"],
    ["sides that are too long", pngOf(4097, 8, new Uint8Array(9)), "found 4097 x 8"],
    ["a bomb", pngOf(8, 8, new Uint8Array(50_000_000)), "must not decompress to more than its 8 x 8 pixels"],
    ["a second header", withChunk(rgb, "IHDR", new Uint8Array(13)), "found IHDR, IHDR, IDAT, IEND"],
    [
      "more chunks than a picture has",
      Buffer.concat([rgb.subarray(0, 33), manyChunks, rgb.subarray(33)]),
      "more than 65536 chunks",
    ],
    ["missing pixels", pngOf(64, 64, new Uint8Array(10)), "must be an intact PNG"],
    ["one bit a grey pixel", pngOf(8, 8, new Uint8Array(16), { depth: 1, colour: 0 }), "at least 8 bits"],
    ["four bits a colour", pngOf(8, 8, new Uint8Array(8 * 13), { depth: 4 }), "at least 8 bits"],
    [
      "interlaced pixels of less than a byte",
      pngOf(8, 8, new Uint8Array(16), { depth: 4, colour: 3, interlace: 1, palette: 16 }),
      "must not be interlaced with 4 bits a pixel",
    ],
    ["an animation", withChunk(rgb, "acTL", new Uint8Array(8)), "must be a still image"],
    ["a frame of an animation", withChunk(rgb, "fcTL", new Uint8Array(26)), "must be a still image"],
    ["colours of a palette that is not there", unnamed, "must have a palette"],
    [
      "colours beyond its palette",
      pngOf(8, 8, new Uint8Array(72).fill(3, 1, 9), { colour: 3, palette: 3 }),
      "must be an intact PNG",
    ],
    [
      "two palettes",
      withChunk(pngOf(8, 8, new Uint8Array(72), { colour: 3, palette: 3 }), "PLTE", new Uint8Array(9)),
      "found IHDR, PLTE, PLTE, IDAT, IEND",
    ],
    ["a palette behind its pixels", paletteLast, "found IHDR, IDAT, PLTE, IEND"],
    [
      "more colours than an index has",
      pngOf(8, 8, new Uint8Array(72), { colour: 3, palette: 257 }),
      "at most 256 colours",
    ],
  ])("refuses %s and says so", (_, bytes, message) => {
    expect(pngProblem(bytes)).toContain(message);
  });
});
