import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { parseRows } from "./parse-rows.ts";
import { readImageZip, ZIP_LIMITS } from "./read-image-zip.ts";

const pixels = Uint8Array.of(1, 2, 3);
const pair = { "a.png": pixels, "a.txt": strToU8("a cat\n") };

describe("reading a zip of images", () => {
  it("makes a row of each image with the caption of the same stem, in the order of names", () => {
    const zip = zipSync({ "b/1.PNG": Uint8Array.of(9), "b/1.txt": strToU8("Zürich"), ...pair });
    expect(readImageZip(zip)).toEqual([
      { image: "AQID", caption: "a cat" },
      { image: "CQ==", caption: "Zürich" },
    ]);
  });

  it("takes images of all formats that image tasks know", () => {
    const names = ["a.png", "b.jpg", "c.JPEG", "d.webp"];
    const files = names.flatMap((name) => [[name, pixels] as const, [`${name[0]}.txt`, strToU8(name)] as const]);
    expect(readImageZip(zipSync(Object.fromEntries(files))).map(({ caption }) => caption)).toEqual(names);
  });

  it("is a dataset format like the others", async () => {
    expect(await parseRows(zipSync(pair), "ZIP")).toEqual({ ok: true, value: [{ image: "AQID", caption: "a cat" }] });
    const refused = await parseRows(strToU8("not a zip"), "ZIP");
    expect(!refused.ok && refused.error).toContain("expected a ZIP file of rows");
  });

  it("ignores folders and what operating systems add", () => {
    const zip = zipSync({ ...pair, "c/": new Uint8Array(0), "__MACOSX/._a.png": pixels, ".DS_Store": pixels });
    expect(readImageZip(zip)).toHaveLength(1);
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
  ])("refuses %s", (_, files, message) => {
    expect(() => readImageZip(zipSync(files))).toThrow(message);
  });

  it("never decompresses more than an entry says it has", () => {
    const bomb = zipSync({ ...pair, "a.txt": new Uint8Array(ZIP_LIMITS.captionBytes) }, { level: 9 });
    const claimed = Buffer.from(bomb);
    const place = claimed.lastIndexOf(Buffer.from("a.txt"));
    claimed.writeUInt32LE(10, place - 22);
    expect(readImageZip(claimed)[0]?.caption).toHaveLength(10);
  });

  it("refuses an entry that claims to be larger than an image may be, before it makes room for it", () => {
    const zip = Buffer.from(zipSync(pair));
    const place = zip.lastIndexOf(Buffer.from("a.png"));
    zip.writeUInt32LE(0xfffffff0, place - 22);
    expect(() => readImageZip(zip)).toThrow(`at most ${ZIP_LIMITS.imageBytes} bytes`);
  });
});
