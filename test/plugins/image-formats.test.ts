import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { IMAGE_LIMITS } from "../../src/plugins/image/params.ts";
import { toUprightPng } from "../../src/plugins/image/upright-png.ts";

/** 16 x 24 pixels upright, in fields of 8 x 8: red and green, blue and yellow, cyan and magenta. Made with Pillow. */
const picture = (name: string): Buffer => readFileSync(join(import.meta.dirname, "pictures", name));

const FIELDS = ["red", "green", "blue", "yellow", "cyan", "magenta"];
const COLOURS: Readonly<Record<string, string>> = {
  "1,0,0": "red",
  "0,1,0": "green",
  "0,0,1": "blue",
  "1,1,0": "yellow",
  "0,1,1": "cyan",
  "1,0,1": "magenta",
};

function made(bytes: Uint8Array) {
  const png = toUprightPng(bytes);
  if (!png.ok) throw new Error(png.error);
  return decode(png.value);
}

/** The colours in the middle of the six fields. */
function fieldsOf(bytes: Uint8Array): readonly (string | undefined)[] {
  const { width, height, channels, data } = made(bytes);
  expect([width, height]).toEqual([16, 24]);
  return FIELDS.map((_, field) => {
    const at = ((Math.floor(field / 2) * 8 + 4) * width + (field % 2) * 8 + 4) * channels;
    return COLOURS[[0, 1, 2].map((channel) => Math.round((data[at + channel] ?? 0) / 255)).join()];
  });
}

const problemOf = (bytes: Uint8Array): string => {
  const png = toUprightPng(bytes);
  return png.ok ? "" : png.error;
};

describe("pictures of any of the three formats become an upright PNG", () => {
  it.each([
    "plain.jpg",
    "progressive.jpg",
    "lossy.webp",
    "lossless.webp",
    "turned-6.webp",
    "turned-6.png",
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => `turned-${orientation}.jpg`),
  ])("%s", (name) => {
    expect(fieldsOf(picture(name))).toEqual(FIELDS);
  });

  it("grey stays grey", () => {
    const { data, channels } = made(picture("grey.jpg"));
    expect(channels).toBe(3);
    for (let at = 0; at < data.length; at += 3) expect([data[at + 1], data[at + 2]]).toEqual([data[at], data[at]]);
  });

  it("what is transparent stays so, and is an alpha channel from there on", () => {
    const alphaAt = (name: string, x: number, y: number) => {
      const { data, channels, width } = made(picture(name));
      expect(channels).toBe(4);
      return data[(y * width + x) * channels + 3];
    };
    expect([alphaAt("alpha.webp", 4, 4), alphaAt("alpha.webp", 12, 4), alphaAt("alpha.webp", 4, 12)]).toEqual([
      0, 128, 255,
    ]);
    expect([alphaAt("colour-key.png", 4, 4), alphaAt("colour-key.png", 12, 4)]).toEqual([0, 255]);
  });

  it("a PNG that is fine is not touched, and what was made is such a one", () => {
    for (const name of ["plain.png", "palette.png"]) {
      const bytes = picture(name);
      expect(toUprightPng(bytes)).toEqual({ ok: true, value: bytes });
    }
    const first = toUprightPng(picture("turned-6.jpg"));
    expect(first.ok && toUprightPng(first.value)).toEqual(first);
  });

  it("the same file gives the same bytes", () => {
    expect(toUprightPng(picture("lossy.webp"))).toEqual(toUprightPng(picture("lossy.webp")));
  });
});

/** A copy with other bytes at some place. */
function changed(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

/** Where the segment of a JPEG with this marker begins. */
const segment = (jpeg: Buffer, marker: number): number => jpeg.indexOf(Buffer.of(0xff, marker));

describe("what can't be used is told as a sentence", () => {
  const jpeg = picture("plain.jpg");
  const webp = picture("lossless.webp");
  const frame = segment(jpeg, 0xc0);
  const scan = segment(jpeg, 0xda);
  const scans = jpeg.subarray(scan, jpeg.length - 2);
  const hugeWebp = Buffer.from(webp);
  hugeWebp.writeUInt32LE(0x3fff | (0x3fff << 14), webp.indexOf("VP8L") + 9);

  it.each<[string, Uint8Array, string]>([
    ["a JPEG that was cut off", jpeg.subarray(0, -40), "must be an intact JPEG: the file ends in the middle"],
    ["a JPEG that ends in its header", jpeg.subarray(0, 100), "must be an intact JPEG: the file ends in the middle"],
    ["a JPEG of damaged pixels", changed(jpeg, scan + 20, 0, 1, 2, 3, 4, 5), "must be an intact JPEG: it is damaged"],
    [
      "a JPEG of damaged tables",
      changed(jpeg, segment(jpeg, 0xc4) + 5, 255, 255),
      "must be an intact JPEG: it is damaged",
    ],
    ["a JPEG in printing colours", picture("cmyk.jpg"), "it is neither grey nor RGB"],
    ["a JPEG of arithmetic codes", changed(jpeg, frame + 1, 0xc9), "it is neither baseline nor progressive"],
    ["a JPEG of 12 bits", changed(jpeg, frame + 4, 12), "it has 12 bits a colour"],
    ["a JPEG that claims to be huge", changed(jpeg, frame + 5, 255, 255, 255, 255), "found 65535 x 65535"],
    [
      "a JPEG with a scan for each second",
      Buffer.concat([jpeg.subarray(0, scan), ...Array.from({ length: 33 }, () => scans), jpeg.subarray(-2)]),
      "more than 32 scans",
    ],
    ["a JPEG without a picture", Buffer.from("ffd8ffd9", "hex"), "it has no picture"],
    ["a WebP that was cut off", webp.subarray(0, -4), "must be an intact WebP: the file ends in the middle"],
    [
      "a WebP of damaged pixels",
      changed(webp, webp.length - 30, ...Array.from({ length: 20 }, () => 255)),
      "must be an intact WebP: it is damaged",
    ],
    ["a WebP that claims to be huge", hugeWebp, "found 16384 x 16384"],
    ["a WebP that moves", picture("animated.webp"), "it is an animation"],
    ["a GIF", Buffer.from("GIF89a"), "must be a PNG, JPEG or WebP file, found a GIF"],
    ["a drawing", Buffer.from("<svg xmlns="), "found markup such as SVG"],
    ["nothing", new Uint8Array(0), "found another kind of file"],
  ])("%s", (_, bytes, expected) => {
    expect(problemOf(bytes)).toContain(expected);
  });

  it("a damaged picture leaves nothing behind for the next one", () => {
    for (let tries = 0; tries < 20; tries += 1) problemOf(changed(jpeg, scan + 20, 0, 1, 2, 3, tries));
    expect(fieldsOf(jpeg)).toEqual(FIELDS);
  });

  it("whatever bytes change, the answer is a picture within the limits or a sentence", () => {
    let state = 1;
    const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    for (const name of ["plain.jpg", "progressive.jpg", "lossy.webp", "lossless.webp", "alpha.webp"]) {
      const good = picture(name);
      for (let tries = 0; tries < 60; tries += 1) {
        const bad = changed(good, next(good.length), next(256));
        const png = toUprightPng(bad);
        const sound = png.ok ? png.value.length < IMAGE_LIMITS.mostBytes : png.error.startsWith("must ");
        expect(sound).toBe(true);
      }
    }
  });
});
