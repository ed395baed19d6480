import { describe, expect, it } from "vitest";
import { commitmentText, splitLine } from "./commitment.ts";

describe("splitLine", () => {
  it("prints a row as canonical JSON on one line", () => {
    expect(splitLine({ b: 1, a: "x\ny" })).toBe('{"a":"x\\ny","b":1}\n');
  });
});

describe("commitmentText", () => {
  it("puts the nonce before the digest", () => {
    expect(commitmentText("00ff", "abcd")).toBe("00ffabcd");
  });
});
