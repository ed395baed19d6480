import { describe, expect, it } from "vitest";
import { commitmentText, splitText } from "./commitment.ts";

describe("splitText", () => {
  it("prints one canonical row a line, in order", () => {
    expect(splitText([{ b: 1, a: "x\ny" }, "second"])).toBe('{"a":"x\\ny","b":1}\n"second"\n');
    expect(splitText([])).toBe("");
  });
});

describe("commitmentText", () => {
  it("puts the nonce before the digest", () => {
    expect(commitmentText("00ff", "abcd")).toBe("00ffabcd");
  });
});
