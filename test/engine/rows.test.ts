import { afterAll, describe, expect, it } from "vitest";
import { loadTokenizer, toExample } from "../../evaluators/embedded/engine/index.ts";
import { temporaryFolder, tinyConfig, writeTinyBase } from "./tiny-base.ts";

const folder = temporaryFolder();
writeTinyBase(folder.path);
afterAll(() => folder[Symbol.dispose]());

const BOS = 1;
const EOS = 2;
const ascii = (text: string): number[] => [...Buffer.from(text)].map((byte) => byte + 3);
const row = (prompt: string, completion: string) => ({
  segments: [
    { text: prompt, counts: false },
    { text: completion, counts: true },
  ],
});
const rules = (contextLength: number, addsBos = true) => ({
  tokenizer: { ...loadTokenizer(folder.path), addsBos },
  config: tinyConfig,
  contextLength,
});
const counted = ({ ids, counts }: ReturnType<typeof toExample>): number[] => ids.filter((_, i) => counts[i]);

describe("tokenising a row", () => {
  it("puts BOS in front, segments side by side, and a counted EOS at the end", () => {
    const example = toExample(row("ab", "cd"), rules(20));
    expect(example.ids).toEqual([BOS, ...ascii("abcd"), EOS]);
    expect(counted(example)).toEqual([...ascii("cd"), EOS]);
  });

  it("leaves BOS out where the base's tokenizer does", () => {
    expect(toExample(row("ab", "cd"), rules(20, false)).ids).toEqual([...ascii("abcd"), EOS]);
  });

  it("never counts the first token, which nothing predicts", () => {
    expect(counted(toExample(row("", "cd"), rules(20, false)))).toEqual([...ascii("d"), EOS]);
    expect(counted(toExample(row("", "cd"), rules(20)))).toEqual([...ascii("cd"), EOS]);
  });

  it("cuts the left of the prompt first and keeps BOS", () => {
    expect(toExample(row("abcdef", "xy"), rules(7)).ids).toEqual([BOS, ...ascii("defxy"), EOS]);
    expect(toExample(row("abcdef", "xy"), rules(4)).ids).toEqual([BOS, ...ascii("xy"), EOS]);
  });

  it("then cuts the right of the completion, EOS included", () => {
    const example = toExample(row("abcdef", "vwxyz"), rules(4));
    expect(example.ids).toEqual([BOS, ...ascii("vwx")]);
    expect(counted(example)).toEqual(ascii("vwx"));
  });

  it("cuts nothing from a row that just fits", () => {
    expect(toExample(row("ab", "c"), rules(5)).ids).toEqual([BOS, ...ascii("abc"), EOS]);
  });

  it("tokenises each segment on its own, whatever white space is between them", () => {
    const together = toExample(row("a ", " b"), rules(20)).ids;
    expect(together).toEqual([BOS, ...ascii("a "), ...ascii(" b"), EOS]);
  });
});
