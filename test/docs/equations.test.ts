import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as domain from "../../src/core/domain/index.ts";
import * as params from "../../src/core/domain/params.ts";
import { createRegistry } from "../../src/core/app/index.ts";
import { builtinPlugins } from "../../src/plugins/index.ts";

const page = new URL("../../docs/equations.md", import.meta.url);
const text = readFileSync(page, "utf8");

const codeRows = [...text.matchAll(/^\| (.+?) +\| .+ \| \[`(\w+)`\]\((\S+)\) +\| \[\S+\]\((\S+)\) +\|$/gm)].map(
  ([, equation = "", name = "", source = "", test = ""]) => ({ equation, name, source, test }),
);

function read(link: string): string {
  const file = new URL(link, page);
  expect(existsSync(file), `${fileURLToPath(file)} exists`).toBe(true);
  return readFileSync(file, "utf8");
}

/** `{"A.b": 1}` for `{A: {b: 1}}`. */
function flatten(value: unknown, path: string): [path: string, value: number][] {
  if (typeof value === "number") return [[path, value]];
  return Object.entries(Object(value)).flatMap(([key, member]) =>
    flatten(member, path === "" ? key : `${path}.${key}`),
  );
}

describe("docs/equations.md", () => {
  it.each(codeRows)("$name exists where the page says, and its test names it", ({ name, source, test }) => {
    expect(Object.keys(domain)).toContain(name);
    expect(read(source)).toMatch(new RegExp(`^export (function|const) ${name}\\b`, "m"));
    expect(read(test)).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it("has one row for each function that the domain exports", () => {
    const exported = Object.entries(domain).filter(([, value]) => typeof value === "function");
    const named = codeRows.map(({ name }) => name);
    expect(exported.map(([name]) => name).filter((name) => !named.includes(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });

  it("covers every equation of the paper that is arithmetic of ours, 1 to 15", () => {
    const covered = codeRows.flatMap(({ equation }) =>
      [...equation.matchAll(/\beq (\d+)/g)].map(([, number]) => Number(number)),
    );
    expect([...new Set(covered)].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
  });

  it("lists the numbers of params.ts, all of them and with their values", () => {
    const rows = [...text.matchAll(/^\| `([A-Z_]+\.[\w.]+)` +\| (\S+) +\|/gm)].map(([, name = "", value]) => [
      name,
      Number(value),
    ]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(flatten(params, "")));
  });

  it("lists the shares, pools, temperatures and tolerances that the task types have", () => {
    const registry = createRegistry(builtinPlugins);
    if (!registry.ok) throw new Error("the built-in plugins can't be registered");
    const [kinds = [], ...rows] = [...text.slice(text.indexOf("| Number ")).matchAll(/^\| (.+) \|$/gm)].map(
      ([, row = ""]) => row.split("|").map((cell) => cell.trim()),
    );
    const listed = (number: string) =>
      Object.fromEntries((rows.find(([name]) => name?.startsWith(number)) ?? []).map((cell, at) => [kinds[at], cell]));
    const types = [...registry.value.taskTypes.values()];
    const actual = (show: (type: (typeof types)[number]) => string) =>
      expect.objectContaining(Object.fromEntries(types.map((type) => [type.kind, show(type)])));
    expect(kinds.slice(1).toSorted()).toEqual(types.map(({ kind }) => kind).toSorted());
    expect(listed("ρ")).toEqual(actual(({ share }) => share.toFixed(2)));
    expect(listed("miners")).toEqual(actual(({ pool }) => `${pool.min}–${pool.max}`));
    expect(listed("τ")).toEqual(actual(({ synthesis }) => synthesis?.temperature.toString() ?? "–"));
    expect(listed("tolerance")).toEqual(actual(({ tolerance }) => tolerance.toExponential().replace("+", "")));
  });

  it("lists no number that nothing reads: what counts would be written down elsewhere", () => {
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const code = globSync("src/**/*.ts", { cwd: root, exclude: ["**/params.ts", "**/*.test.ts"] })
      .map((file) => readFileSync(`${root}${file}`, "utf8"))
      .join("\n");
    const words = new Set(code.match(/\w+/g));
    const names = flatten(params, "").map(([path]) => path.split(".").at(-1) ?? "");
    expect(names.filter((name) => !words.has(name))).toEqual([]);
  });
});
