import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, canonicalRowKey, normaliseWhiteSpace } from "./canonical-json.ts";

describe("canonicalJson", () => {
  it("sorts keys by code unit and prints no white space", () => {
    expect(canonicalJson({ b: [1, null, true], a: { ä: "x", Z: -0 }, "10": 1, "9": 2 })).toBe(
      '{"10":1,"9":2,"a":{"Z":0,"ä":"x"},"b":[1,null,true]}',
    );
  });

  it("says the same as JSON.parse reads, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        const reversed = Object.fromEntries(Object.entries(plain).reverse());
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
        expect(canonicalJson(reversed as typeof plain)).toBe(canonicalJson(plain)); // fromEntries forgets the value type
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses %d at any depth", (value) => {
    expect(() => canonicalJson({ deep: [{ value }] })).toThrow(RangeError);
  });
});

describe("normaliseWhiteSpace", () => {
  it("leaves single spaces between words only", () => {
    expect(normaliseWhiteSpace(" \t a\u00a0\n b\r\n\r\nc ")).toBe("a b c");
    expect(normaliseWhiteSpace("\n")).toBe("");
  });

  it("gives the words with single spaces between them, whatever lies between", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", " ", "\t", "\u00a0", "\u3000", "\uFEFF"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (some) => {
        expect(normaliseWhiteSpace(some)).toBe((some.match(/\S+/gu) ?? []).join(" "));
      }),
    );
  });
});

describe("canonicalRowKey", () => {
  it("is equal for rows that differ in white space and key order only", () => {
    const left = canonicalRowKey({ question: "How\nare  you?", answer: ["fine "] });
    expect(canonicalRowKey({ answer: ["fine"], question: " How are you?" })).toBe(left);
  });

  it("tells words, keys and types apart", () => {
    const keys = [{ a: "1" }, { a: 1 }, { b: "1" }, { a: "1 1" }, { a: "11" }, { a: null }].map(canonicalRowKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
