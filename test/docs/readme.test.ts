import { existsSync, readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

describe("the pages that a newcomer reads", () => {
  it("hold a query that works when pasted", () => {
    const bodies = [...text("README.md").matchAll(/-d '(\{[^']*\})'/g)].map(([, body]) => body ?? "");
    const queries = bodies.map((body) => (JSON.parse(body) as { readonly query: string }).query);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) expect(validate(buildSchema(text("schema.graphql")), parse(query))).toEqual([]);
  });

  it.each(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])("link to what is there: %s", (page) => {
    const links = [...text(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link ?? "");
    expect(links.filter((link) => !existsSync(new URL(link, root)))).toEqual([]);
  });

  it("name only scripts that package.json has", () => {
    const { scripts } = JSON.parse(text("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
    const named = ["README.md", "CONTRIBUTING.md"].flatMap((page) =>
      [...text(page).matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? ""),
    );
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
