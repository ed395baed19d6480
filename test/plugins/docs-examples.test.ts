import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "docs", "plugins");
const example = /```js\n(?<code>.*?)```\n\n```text\n(?<output>.*?)```/gs;

/** Each ```js block of a page with the ```text block after it: the program and what it prints. */
const pages = readdirSync(folder).map((page) => ({
  page,
  examples: [...readFileSync(join(folder, page), "utf8").matchAll(example)].map(({ groups }) => ({
    code: groups?.["code"] ?? "",
    output: groups?.["output"] ?? "",
  })),
}));

describe("the pages of the plugins", () => {
  it("have an example each", () => {
    const without = pages.filter(
      ({ page, examples }) => examples.length === 0 && !["kits.md", "writing-a-task-type.md"].includes(page),
    );
    expect(without).toEqual([]);
  });

  it.each(
    pages.flatMap(({ page, examples }) => examples.map((found, index) => ({ page, number: index + 1, ...found }))),
  )("example $number of $page prints what it says", async ({ code, output }) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: root,
    });
    expect(stdout).toBe(output);
  });
});
