import { expect, it } from "vitest";
import { parseDataset } from "./read-source.ts";

it.each([
  [{ url: "http://a.example/rows.csv" }, "expected an https address"],
  [{ url: "http://a.example/rows.csv", rows: undefined, huggingFace: null }, "expected an https address"],
  [{ url: "https://a.example/rows.csv", rows: [] }, /^expected exactly one of/],
  [{}, /^expected exactly one of/],
])("says of %o what is wrong with it", (input, message) => {
  const parsed = parseDataset(input);
  expect(parsed.ok ? null : parsed.error.message).toMatch(message);
});

it("takes a dataset whose other fields are null", () => {
  expect(parseDataset({ url: "https://a.example/rows.csv", rows: null, format: null })).toMatchObject({ ok: true });
});
