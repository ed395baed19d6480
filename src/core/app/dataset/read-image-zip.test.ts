import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { parseRows } from "./parse-rows.ts";
import { readImageZip, ZIP_LIMITS } from "./read-image-zip.ts";

const LIMITS = { maxRows: 1000, maxBytes: 1_000_000 };
const pixels = Uint8Array.of(1, 2, 3);
const pair = { "a.png": pixels, "a.txt": strToU8("a cat\n") };

describe("reading a zip of images", () => {
  it("makes a row of each image with the caption of the same stem, in the order of names", async () => {
    const zip = zipSync({ "b/1.PNG": Uint8Array.of(9), "b/1.txt": strToU8("Zürich"), ...pair });
    expect(await readImageZip(zip)).toEqual([
      { image: "AQID", caption: "a cat" },
      { image: "CQ==", caption: "Zürich" },
    ]);
  });

  it("takes images of all formats that image tasks know", async () => {
    const names = ["a.png", "b.jpg", "c.JPEG", "d.webp"];
    const files = names.flatMap((name) => [[name, pixels] as const, [`${name[0]}.txt`, strToU8(name)] as const]);
    const rows = await readImageZip(zipSync(Object.fromEntries(files)));
    expect(rows.map(({ caption }) => caption)).toEqual(names);
  });

  it("is a dataset format like the others", async () => {
    expect(await parseRows(zipSync(pair), "ZIP", LIMITS)).toEqual({
      ok: true,
      value: [{ image: "AQID", caption: "a cat" }],
    });
    const refused = await parseRows(strToU8("not a zip"), "ZIP", LIMITS);
    expect(!refused.ok && refused.error.message).toContain("expected a ZIP file of rows");
  });

  it("ignores folders and what operating systems add", async () => {
    const zip = zipSync({ ...pair, "c/": new Uint8Array(0), "__MACOSX/._a.png": pixels, ".DS_Store": pixels });
    expect(await readImageZip(zip)).toHaveLength(1);
  });

  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`${i}.txt`, new Uint8Array(0)]));
  it.each([
    ["a name that leads out", { "../a.png": pixels }, 'found "../a.png"'],
    ["an absolute name", { "/a.png": pixels }, 'found "/a.png"'],
    ["a name of another system", { "..\\a.png": pixels }, "expected names inside of the zip"],
    ["a drive", { "C:a.png": pixels }, "expected names inside of the zip"],
    ["a nested zip", { "more.zip": zipSync(pair) }, 'expected no archive inside, found "more.zip"'],
    ["another kind of file", { ...pair, "b.gif": pixels }, 'found "b.gif"'],
    ["10,000 entries", many, "expected at most 9999 entries"],
    ["an image without a caption", { ...pair, "b.png": pixels }, 'found none for "b.png"'],
    ["a caption without an image", { ...pair, "b.txt": pixels }, 'found none for "b.txt"'],
    ["two images of one stem", { ...pair, "a.JPG": pixels }, 'found two of "a"'],
    ["a caption that is no text", { ...pair, "a.txt": Uint8Array.of(0xff) }, "to be UTF-8 text"],
    ["a caption that is too long", { ...pair, "a.txt": new Uint8Array(ZIP_LIMITS.captionBytes + 1) }, "at most 65536"],
    ["nothing", {}, "expected PNG, JPEG or WebP images with captions, found none"],
  ])("refuses %s", async (_, files, message) => {
    await expect(readImageZip(zipSync(files))).rejects.toThrow(message);
  });

  /** A zip of one pair, and where its directory has the entry of this name. */
  const placed = (name: string, level: 0 | 9 = 0) => {
    const zip = Buffer.from(zipSync({ ...pair, "b.png": pixels, "b.txt": strToU8("a dog") }, { level }));
    return { zip, entry: zip.lastIndexOf(name) - 46, header: zip.indexOf(name) - 30 };
  };
  const spoilt = (name: string, spoil: (place: ReturnType<typeof placed>) => unknown) => () => {
    const place = placed(name);
    spoil(place);
    return place.zip;
  };
  const broken: readonly (readonly [string, () => Buffer, string])[] = [
    [
      "an entry with other bytes than its checksum is of",
      spoilt("a.txt", ({ zip }) => zip.write("o", zip.indexOf("a cat") + 2)),
      'expected "a.txt" to be intact',
    ],
    [
      "an entry that decompresses to more than it says",
      () => {
        const bomb = Buffer.from(zipSync({ ...pair, "a.txt": new Uint8Array(2_000_000) }, { level: 9 }));
        bomb.writeUInt32LE(10, bomb.lastIndexOf("a.txt") - 22);
        return bomb;
      },
      'expected "a.txt" to be intact',
    ],
    [
      "an entry that claims to be larger than an image may be",
      spoilt("a.png", ({ zip, entry }) => zip.writeUInt32LE(0xfffffff0, entry + 24)),
      `at most ${ZIP_LIMITS.imageBytes} bytes`,
    ],
    [
      "entries that share their bytes",
      () => {
        const { zip, entry } = placed("b.txt");
        const first = placed("a.txt");
        // Long enough to hold all that lies between the two.
        zip.writeUInt32LE(zip.indexOf("a dog") - zip.indexOf("a cat") + 5, first.entry + 20);
        zip.writeUInt32LE(placed("b.txt").header, entry + 42);
        return zip;
      },
      "inside of another",
    ],
    [
      "an entry with another name in front of its bytes",
      spoilt("a.txt", ({ zip, header }) => zip.write("c", header + 30)),
      'expected "a.txt" where the zip\'s directory has it',
    ],
    [
      "an entry with a password",
      spoilt("a.txt", ({ zip, entry }) => zip.writeUInt16LE(1, entry + 8)),
      'found "a.txt" encrypted',
    ],
    [
      "a link",
      spoilt("a.txt", ({ zip, entry }) => {
        zip.writeUInt8(3, entry + 5);
        zip.writeUInt16LE(0o120777, entry + 40);
      }),
      'found the link "a.txt"',
    ],
    ["a zip that is cut off", () => placed("a.txt").zip.subarray(0, -5), "found no directory at its end"],
    ["bytes behind the end", () => Buffer.concat([placed("a.txt").zip, Buffer.alloc(3)]), "no directory at its end"],
    [
      "a directory that counts more entries than it has",
      spoilt("a.txt", ({ zip }) => {
        zip.writeUInt16LE(9, zip.length - 14);
        zip.writeUInt16LE(9, zip.length - 12);
      }),
      "found one with a damaged directory",
    ],
  ];
  it.each(broken)("refuses %s", async (_, zip, message) => {
    await expect(readImageZip(zip())).rejects.toThrow(message);
  });
});
