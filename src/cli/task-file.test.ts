import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, expect, it } from "vitest";
import { readTaskFile } from "./task-file.ts";

/** A task file with that dataset beside it. */
async function aTaskFile(file: string, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gradients-task-file-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  if (content !== "") await writeFile(join(folder, file), content);
  const task = { kind: "instruct", title: "t", baseModel: { repo: "a/b" }, dataset: { file }, budgetSeconds: 60 };
  await writeFile(join(folder, "task.json"), JSON.stringify(task));
  return join(folder, "task.json");
}

it.each([
  ["rows.jsonl", '{"q":"1 km","a":"ü"}\n\n'],
  ["rows.json", '[{"q":"1 km","a":"ü"}]'],
  ["rows.CSV", "\uFEFFq,a\n1 km,ü\n"],
])("sends the rows of %s along", async (file, content) => {
  const { dataset } = await readTaskFile(await aTaskFile(file, content), "key");
  expect(dataset).toEqual({ rows: [{ q: "1 km", a: "ü" }] });
});

it.each([
  ["rows.jsonl", '{"q":1}\n{"q"\n', /rows\.jsonl: .*line 2 is no JSON/],
  ["rows.csv", 'q,a\n"1', /rows\.csv: expected a CSV file of rows/],
  ["rows.xlsx", "x", /rows\.xlsx: expected a name that ends in \.json, \.jsonl, \.csv, \.parquet or \.zip/],
  ["none.csv", "", /none\.csv can't be read/],
])("says what is wrong with %s", async (file, content, message) => {
  await expect(readTaskFile(await aTaskFile(file, content), "key")).rejects.toThrow(message);
});
