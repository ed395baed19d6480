import { describe, expect, it } from "vitest";
import { parseRows } from "./parse-rows.ts";

const LIMITS = { maxRows: 1000, maxBytes: 1_000_000 };

/** Written by PyArrow: the column a with x, y and z; not compressed. */
const PLAIN =
  "UEFSMRUAFSoVKiwVBhUAFQYVBhwAAAACAAAABgEBAAAAeAEAAAB5AQAAAHoVBBksNQAYBnNjaGVtYRUCABUMJQIYAWElAEwcAAAAFgYZHBkcJgAcFQwZJQYA" +
  "GRgBYRUAFgYWUBZQJghJHBUAFQAVAgA8FgYZBhkmAAYAAAAWUBYGJggWUAAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGRwcAAAAggAAAFBB" +
  "UjE=";
/** The same program's: a with x, y and nothing, n with 1, 2^60 and 3; ZSTD, with dictionaries. */
const PACKED =
  "UEFSMRUEFRQVJkwVBBUAEgAAKLUv/SAKUQAAAQAAAHgBAAAAeRUAFRIVJCwVBhUQFQYVBhwAAAAotS/9IAlJAAACAAAAAwMBAwIVBBUwFTRMFQYVABIAACi1" +
  "L/0gGI0AAFgBABADAAAAAAAAAAEAB8ACFQAVFBUmLBUGFRAVBhUGHAAAACi1L/0gClEAAAIAAAAGAQIDJAAVBBk8NQAYBnNjaGVtYRUEABUMJQIYAWElAEwc" +
  "AAAAFQQlAhgBbgAWBhkcGSwmABwVDBk1AAYQGRgBYRUMFgYWaBaMASZKJggpLBUEFQAVAgAVABUQFQIAPBYEGQYZJgIEAAAAJgAcFQQZNQAGEBkYAW4VDBYG" +
  "FoYBFpwBJuQBJpQBKSwVBBUAFQIAFQAVEBUCADwpBhkmAAYAAAAW7gEWBiYIFqgCACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZLBwAABwA" +
  "AADSAAAAUEFSMQ==";

const file = (base64: string) => Buffer.from(base64, "base64");

/** The file with other bytes at a place. */
function changed(at: number, ...bytes: readonly number[]): Buffer {
  const copy = file(PLAIN);
  copy.set(bytes, at);
  return copy;
}

const problemOf = async (content: Buffer, limits = LIMITS) => {
  const result = await parseRows(content, "PARQUET", limits);
  return result.ok ? "no problem" : `${result.error.code} ${result.error.message}`;
};

describe("reading a Parquet file", () => {
  it("gives rows of JSON, integers beyond it as text", async () => {
    expect(await parseRows(file(PLAIN), "PARQUET", LIMITS)).toEqual({
      ok: true,
      value: [{ a: "x" }, { a: "y" }, { a: "z" }],
    });
    expect(await parseRows(file(PACKED), "PARQUET", LIMITS)).toEqual({
      ok: true,
      value: [
        { a: "x", n: "1" },
        { a: "y", n: "1152921504606846976" },
        { a: null, n: "3" },
      ],
    });
  });

  it("refuses one of too many rows before it reads them", async () => {
    expect(await problemOf(file(PLAIN), { ...LIMITS, maxRows: 2 })).toContain(
      "DATASET_TOO_LARGE expected at most 2 rows, found 3",
    );
  });

  it("refuses one whose texts come to more than its rows may have", async () => {
    expect(await problemOf(file(PLAIN), { ...LIMITS, maxBytes: 2 })).toBe(
      "DATASET_TOO_LARGE expected rows of at most 2 bytes, found more",
    );
  });

  it.each([
    ["a page that announces more values than there could be", changed(12, 0xfe, 0xff, 0xff, 0xff, 0x0f)],
    ["a page that announces another length than it has", changed(7, 0x7e)],
    ["a file that is cut off", file(PLAIN).subarray(0, -9)],
  ])("refuses %s with a sentence", async (_name, content) => {
    expect(await problemOf(content)).toMatch(/^DATASET_UNREADABLE expected a PARQUET file of rows.*it is damaged/);
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("the lease is lost"));
    await expect(parseRows(file(PLAIN), "PARQUET", { ...LIMITS, signal })).rejects.toThrow("the lease is lost");
  });
});
