import { afterAll, describe, expect, it } from "vitest";
import { type Example, loadTokenizer } from "../../evaluators/embedded/engine/index.ts";
import { toPair } from "../../evaluators/embedded/objectives/preference/pairs.ts";
import { temporaryFolder, tinyConfig, writeTinyBase } from "./tiny-base.ts";

const folder = temporaryFolder();
writeTinyBase(folder.path);
afterAll(() => folder[Symbol.dispose]());

const BOS = 1;
const EOS = 2;
const ascii = (text: string): number[] => [...Buffer.from(text)].map((byte) => byte + 3);
const row = (prompt: string, chosen: string, rejected: string) => ({
  prompt: [{ text: prompt, counts: false as const }],
  chosen: [{ text: chosen, counts: true }],
  rejected: [{ text: rejected, counts: true }],
});
const rules = (maxLength: number, { maxPromptLength = 512, contextLength = 1024, addsBos = true } = {}) => ({
  tokenizer: { ...loadTokenizer(folder.path), addsBos },
  config: tinyConfig,
  contextLength,
  maxLength,
  maxPromptLength,
});
const counted = ({ ids, counts }: Example): number[] => ids.filter((_, i) => counts[i]);

describe("tokenising a pair", () => {
  it("puts BOS and the prompt in front of both completions, and counts these with their EOS", () => {
    const { chosen, rejected } = toPair(row("ab", "cd", "e"), rules(20));
    expect(chosen.ids).toEqual([BOS, ...ascii("abcd"), EOS]);
    expect(rejected.ids).toEqual([BOS, ...ascii("abe"), EOS]);
    expect(counted(chosen)).toEqual([...ascii("cd"), EOS]);
    expect(counted(rejected)).toEqual([...ascii("e"), EOS]);
  });

  it("leaves a completion's segments out of the count where they say so", () => {
    const pair = toPair(
      {
        ...row("a", "", "z"),
        chosen: [
          { text: "b", counts: false },
          { text: "c", counts: true },
        ],
      },
      rules(20),
    );
    expect(counted(pair.chosen)).toEqual([...ascii("c"), EOS]);
  });

  it("never counts the first token, which nothing predicts", () => {
    const { chosen } = toPair(row("", "cd", "e"), rules(20, { addsBos: false }));
    expect(counted(chosen)).toEqual([...ascii("d"), EOS]);
  });

  it("keeps the end of a prompt that is too long by itself", () => {
    const { chosen, rejected } = toPair(row("abcdef", "x", "yz"), rules(100, { maxPromptLength: 2 }));
    expect(chosen.ids).toEqual([BOS, ...ascii("efx"), EOS]);
    expect(rejected.ids).toEqual([BOS, ...ascii("efyz"), EOS]);
  });

  it("cuts the prompt for the longer completion, and the same for both", () => {
    const { chosen, rejected } = toPair(row("abcdef", "x", "yz"), rules(7));
    expect(rejected.ids).toEqual([BOS, ...ascii("defyz"), EOS]);
    expect(chosen.ids).toEqual([BOS, ...ascii("defx"), EOS]);
  });

  it("then keeps half of the room for the prompt, and the start of completions", () => {
    const { chosen, rejected } = toPair(row("abcdef", "x", "stuvwxyz"), rules(8));
    expect(rejected.ids).toEqual([BOS, ...ascii("defstuv")]);
    expect(counted(rejected)).toEqual(ascii("stuv"));
    expect(chosen.ids).toEqual([BOS, ...ascii("defx"), EOS]);
  });

  it("gives a prompt of up to 512 of 1024 tokens all it needs, whatever the completions", () => {
    const { rejected } = toPair(row("p".repeat(600), "x", "y".repeat(2000)), rules(1024, { addsBos: false }));
    expect(rejected.ids).toEqual([...ascii("p".repeat(512)), ...ascii("y".repeat(512))]);
  });

  it("never exceeds the base's context", () => {
    const { rejected } = toPair(row("abcdef", "x", "stuvwxyz"), rules(1024, { contextLength: 8 }));
    expect(rejected.ids).toHaveLength(8);
  });
});
