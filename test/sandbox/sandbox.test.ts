import { afterAll, describe, expect, it } from "vitest";
import { type CodeResult, createSandbox } from "../../evaluators/embedded/sandbox/index.ts";

const sandbox = createSandbox();
afterAll(() => sandbox[Symbol.dispose]());

const run = (source: string, input: unknown = {}, count = 2): CodeResult =>
  sandbox.call({ source, name: "score", input: JSON.stringify(input), count });

const fine: CodeResult = { ok: true, numbers: [1, 2] };

describe("code in the sandbox", () => {
  it("gets its input and returns numbers", () => {
    expect(
      run("function score({ texts }) { return texts.map((text) => text.length) }", { texts: ["é", "ab"] }),
    ).toEqual(fine);
    expect(run("const score = () => [1, 2];")).toEqual(fine);
  });

  it.each([
    ["an endless loop", "function score() { for (;;); }", "TIMEOUT"],
    ["an endless loop that catches everything", "function score() { for (;;) try { for (;;); } catch {} }", "TIMEOUT"],
    ["an endless loop outside of the function", "for (;;); function score() {}", "TIMEOUT"],
    [
      "a regular expression that never ends",
      `function score() { return /^(a+)+$/.test("a".repeat(60) + "b") }`,
      "TIMEOUT",
    ],
    ["a memory bomb of strings", `function score() { const a = []; for (;;) a.push("x".repeat(1000)) }`, "MEMORY"],
    ["a memory bomb of objects", "function score() { const a = []; for (let i = 0; ; i++) a.push([i]) }", "MEMORY"],
    ["one string that is too long", `function score() { return "x".repeat(5e7) + "y" }`, "MEMORY"],
    ["an exception", `function score() { throw new TypeError("no") }`, "THREW"],
    ["an exception that is no error", "function score() { throw 7 }", "THREW"],
    ["endless recursion", "function score() { return score() + 1 }", "THREW"],
    ["very deep JSON", `function score() { return JSON.parse("[".repeat(1e6)) }`, "THREW"],
    ["a syntax error", "function score( {", "BROKEN"],
    ["no function of that name", "function other() {}", "BROKEN"],
    ["NaN", "function score() { return [1, NaN] }", "NOT_A_NUMBER"],
    ["infinity", "function score() { return [1, -1 / 0] }", "NOT_A_NUMBER"],
    ["a text", `function score() { return ["1", 2] }`, "NOT_A_NUMBER"],
    ["a list that is too short", "function score() { return [1] }", "WRONG_LENGTH"],
    ["a list that is too long", "function score() { return [1, 2, 3] }", "WRONG_LENGTH"],
    ["a number instead of a list", "function score() { return 1 }", "WRONG_LENGTH"],
    ["null", "function score() { return null }", "WRONG_LENGTH"],
    ["a promise", "async function score() { return [1, 2] }", "WRONG_LENGTH"],
  ])("that has %s ends as a fault, and the next call is fine", (_, source, kind) => {
    expect(run(source)).toMatchObject({ ok: false, kind });
    expect(run("const score = () => [1, 2];")).toEqual(fine);
  });

  it("finds no clock, no chance, no host and nothing of an earlier call", () => {
    expect(run("globalThis.kept = 1; Array.prototype.map = null; const score = () => [1, 2];")).toEqual(fine);
    const names = ["Date", "process", "require", "fetch", "setTimeout", "console", "WebAssembly", "kept"];
    const source = `const score = ({ names }) => [names.filter((name) => name in globalThis).length, "random" in Math ? 1 : 0]`;
    expect(run(source, { names })).toEqual({ ok: true, numbers: [0, 0] });
    expect(run("const score = () => [typeof [].map === 'function' ? 1 : 0, 2]")).toEqual(fine);
  });

  it.each([
    ["a built-in that loops by itself", "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)"],
    ["a stack that overflows again and again", "score()"],
  ])("is ended by the clock in %s, and the next call is fine", (_, expression) => {
    using impatient = createSandbox(400);
    const call = { name: "score", input: "{}", count: 2 };
    const source = `function score() { for (;;) try { ${expression} } catch {} }`;
    expect(impatient.call({ ...call, source })).toMatchObject({ ok: false, kind: "TIMEOUT" });
    expect(impatient.call({ ...call, source: "const score = () => [1, 2];" })).toEqual(fine);
  });

  it("says what was thrown, in few words", () => {
    const result = run(`function score() { throw new RangeError("é".repeat(1e5)) }`);
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(/^threw RangeError: é{10}/) });
    expect(result.ok || result.message.length).toBeLessThan(600);
  });
});
