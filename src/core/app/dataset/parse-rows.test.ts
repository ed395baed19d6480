import { describe, expect, it } from "vitest";
import { formatOf, parseRows } from "./parse-rows.ts";

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
    expect(!result.ok && result.error).toContain(`expected a ${format} file of rows`);
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
      const error = result.ok ? "no error" : result.error;
      expect(error).toContain(place);
      expect(error).not.toContain("hunter2");
    },
  );

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
