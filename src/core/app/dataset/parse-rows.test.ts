import { describe, expect, it } from "vitest";
import { formatOf, parseRows as parse, type DatasetFormat } from "./parse-rows.ts";

const LIMITS = { maxRows: 1000, maxBytes: 1_000_000 };
const parseRows = (content: Uint8Array, format: DatasetFormat) => parse(content, format, LIMITS);
const bytes = (text: string) => new TextEncoder().encode(text);
const rows = [
  { instruction: "Translate: ja", output: "yes" },
  { instruction: 'Translate: nein, "danke"', output: "no" },
];

describe("reading a dataset's file", () => {
  it("reads the same rows from JSON, JSON lines and CSV", async () => {
    const csv = 'instruction,output\r\nTranslate: ja,yes\r\n"Translate: nein, ""danke""",no\r\n';
    expect(await parseRows(bytes(JSON.stringify(rows)), "JSON")).toEqual({ ok: true, value: rows });
    expect(await parseRows(bytes(rows.map((row) => `${JSON.stringify(row)}\n`).join("\n")), "JSONL")).toEqual({
      ok: true,
      value: rows,
    });
    expect(await parseRows(bytes(csv), "CSV")).toEqual({ ok: true, value: rows });
  });

  it.each([
    ["JSON that stops in the middle", bytes('[{"a":'), "JSON"],
    ["JSON that is no list", bytes('{"a":1}'), "JSON"],
    ["rows that are no objects", bytes("[1,2]"), "JSON"],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00]), "JSONL"],
    ["CSV with a missing quote", bytes('a,b\n"x,1\n'), "CSV"],
    ["Parquet without its magic", bytes("PAR0xxxxxxxxPAR0"), "PARQUET"],
  ] as const)("says what it expected of %s", async (_name, content, format) => {
    const result = await parseRows(content, format);
    expect(result.ok).toBe(false);
    expect(!result.ok && result.error.message).toContain(`expected a ${format} file of rows`);
  });

  it.each([
    ["JSON", '[{"a": hunter2}]', "it is no JSON"],
    ["JSONL", '{"a":1}\n\n{"a": hunter2}\n', "line 3 is no JSON"],
    ["CSV", 'a,b\nhunter2"x",1\n', "line 2"],
    ["CSV", 'a,b\n"hunter2"x,1\n', "line 2"],
    ["CSV", "a,b\nhunter2,1,2\n", "line 2"],
  ] as const)(
    "says where %s breaks without quoting it: everybody may read why a task failed",
    async (format, content, place) => {
      const result = await parseRows(bytes(content), format);
      const error = result.ok ? "no error" : result.error.message;
      expect(error).toContain(place);
      expect(error).not.toContain("hunter2");
    },
  );

  it("reads what Windows and spreadsheets write: a byte order mark, carriage returns, rows of megabytes", async () => {
    const long = "x".repeat(3_000_000);
    const expected = [{ a: "1", b: long }];
    expect(await parseRows(bytes(`\uFEFFa,b\r\n1,${long}\r\n`), "CSV")).toEqual({ ok: true, value: expected });
    const line = JSON.stringify(expected[0]);
    expect(await parseRows(bytes(`\uFEFF${line}\r\n\r\n`), "JSONL")).toEqual({ ok: true, value: expected });
    expect(await parseRows(bytes(`\uFEFF[${line}]\r\n`), "JSON")).toEqual({ ok: true, value: expected });
  });

  it.each([
    ["JSONL", Buffer.from('\uFEFF{"a":1}\n', "utf16le"), "it is not text in UTF-8"],
    ["CSV", Buffer.from("a,b\né,1\n", "latin1"), "it is not text in UTF-8"],
    ["CSV", bytes("a,b,a\n1,2,3\n"), 'it has the column "a" twice'],
    ["JSON", bytes("[{}, 7]"), "row 2 is not an object of columns"],
    ["JSONL", bytes('{"a":1e999}'), "row 1 has a number that is too large"],
    ["JSONL", bytes(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`), "row 1 nests deeper than 64 levels"],
  ] as const)("says what is wrong with a %s file", async (format, content, reason) => {
    const result = await parseRows(content, format);
    expect(!result.ok && result.error).toMatchObject({
      code: "DATASET_UNREADABLE",
      message: expect.stringContaining(reason),
    });
  });

  it.each([
    ["JSON", "[{},{},{}]"],
    ["JSONL", "{}\n{}\n{}\n"],
    ["CSV", "a\n1\n2\n3\n"],
  ] as const)("counts the rows of a %s file", async (format, content) => {
    const result = await parse(bytes(content), format, { ...LIMITS, maxRows: 2 });
    expect(!result.ok && result.error).toMatchObject({
      code: "DATASET_TOO_LARGE",
      message: expect.stringContaining("expected at most 2 rows, found"),
    });
  });

  it("lets others have their turn while it reads", async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const content = bytes('{"a":"some text"}\n'.repeat(200_000));
    const result = await parse(content, "JSONL", { maxRows: 200_000, maxBytes: 10_000_000 });
    clearInterval(timer);
    expect(result.ok && result.value.length).toBe(200_000);
    expect(turns).toBeGreaterThan(1);
  });

  it.each([
    ["JSON", `[${'{"a":"some text"},'.repeat(200_000)}{}]`],
    ["JSONL", '{"a":"some text"}\n'.repeat(200_000)],
    ["CSV", `a\n${"some text\n".repeat(200_000)}`],
  ] as const)("stops reading %s when it is told to", async (format, content) => {
    const signal = AbortSignal.abort(new Error("the lease is lost"));
    const reading = parse(bytes(content), format, { maxRows: 300_000, maxBytes: 10_000_000, signal });
    await expect(reading).rejects.toThrow("the lease is lost");
  });

  it("takes the format from a file's name", () => {
    expect(["a.json", "b.JSONL", "c.ndjson", "d.csv", "e.parquet", "f.txt", "json"].map(formatOf)).toEqual([
      "JSON",
      "JSONL",
      "JSONL",
      "CSV",
      "PARQUET",
      null,
      null,
    ]);
  });
});
