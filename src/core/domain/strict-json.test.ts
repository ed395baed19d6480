import { describe, expect, it } from "vitest";
import { parseStrictJson } from "./strict-json.ts";

describe("parseStrictJson", () => {
  const parse = (text: string) => parseStrictJson(Buffer.from(text));

  it("parses what JSON.parse parses", () => {
    const text = '{"a": [1, {"b": "\\"}{"}, {"b": null}], "c:": ":", "": {}}';
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it("refuses a key that comes twice in an inner object", () => {
    expect(parse('[{"a": 1, "b": {"x": 1, "x": 2}}]')).toEqual({
      ok: false,
      error: expect.stringContaining('"x" twice'),
    });
  });

  it("refuses deep nesting without overflowing", () => {
    expect(parse("[".repeat(100_000) + "]".repeat(100_000))).toMatchObject({ ok: false });
  });
});
