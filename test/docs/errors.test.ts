import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../src/core/app/index.ts";
import { VERDICT_CODES } from "../../src/core/app/submissions/static-verdict.ts";
import { TASK_FAILURE_CODES } from "../../src/core/domain/index.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const page = read("docs/errors.md");

/** Codes in the first column of the table under a heading. */
function codesUnder(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `([A-Z_]+)` +\| .+ \| .+ \|$/gm)].map(([, code = ""]) => code);
}

const sources = readdirSync(new URL("src", root), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .map((path) => ({ path, text: read(`src/${path}`) }));

/** Codes that sources write in this way. */
const written = (pattern: RegExp) => [
  ...new Set(sources.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, code = ""]) => code))),
];

describe("docs/errors.md", () => {
  it("explains every code of the catalogue, in its order", () => {
    expect(codesUnder("Answers of the API")).toEqual([...ERROR_CODES]);
  });

  it("explains why tasks end without scores", () => {
    expect(codesUnder("Why a task ended without scores")).toEqual([...TASK_FAILURE_CODES]);
  });

  it("explains every verdict of the inspection", () => {
    expect(codesUnder("Static verdicts of submissions")).toEqual([...VERDICT_CODES]);
  });

  it("explains every fault of the infrastructure that the server knows", () => {
    const faults = written(/new InfrastructureError\(\s*"([A-Z_]+)"/g);
    expect(codesUnder("Faults of the infrastructure").toSorted()).toEqual(faults.toSorted());
  });

  it("explains every problem of plugins", () => {
    const problems = [...read("src/core/app/plugin-problem.ts").matchAll(/"(PLUGIN_[A-Z_]+)"/g)].map(
      ([, code]) => code,
    );
    expect(codesUnder("Plugins at start")).toEqual(problems);
  });
});

describe("the catalogue", () => {
  const answers = new Set([
    ...written(/\b(?:fail|refuse)\(\s*"([A-Z_]+)"/g),
    ...written(/\bcode: "([A-Z_]+)"/g),
    ...written(/ErrorCode = "([A-Z_]+)"/g),
  ]);

  it.each(ERROR_CODES)("has %s because something answers with it", (code) => {
    expect(answers).toContain(code);
  });
});
