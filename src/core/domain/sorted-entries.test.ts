import { describe, expect, it } from "vitest";
import { compareIds, mapValues, ownValue, sortedEntries } from "./sorted-entries.ts";

describe("compareIds", () => {
  it("orders by code units, not by any language's alphabet", () => {
    expect(["b", "a", "Z", "ä", "10", "9", ""].toSorted(compareIds)).toEqual(["", "10", "9", "Z", "a", "b", "ä"]);
    expect(compareIds("a", "a")).toBe(0);
  });
});

describe("sortedEntries", () => {
  it("doesn't depend on the order of insertion, nor on keys that look like integers", () => {
    expect(sortedEntries({ b: 1, "9": 2, "10": 3 })).toEqual([
      ["10", 3],
      ["9", 2],
      ["b", 1],
    ]);
  });
});

describe("mapValues", () => {
  it("maps own values only, and keeps keys that objects know", () => {
    const record: Record<string, number> = Object.fromEntries([["__proto__", 2]]);
    expect(Object.entries(mapValues(record, (value, id) => `${id} ${value}`))).toEqual([["__proto__", "__proto__ 2"]]);
  });
});

describe("ownValue", () => {
  it("never answers with something inherited", () => {
    expect(ownValue({}, "toString")).toBeUndefined();
    expect(ownValue({ a: 1 }, "a")).toBe(1);
  });
});
