import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { pageSize, slicePage } from "./page.ts";

const ID = "0f9bd1a2-7b1d-4c5e-8a43-0123456789ab";
const failed = (code: string) => expect.objectContaining({ ok: false, error: expect.objectContaining({ code }) });

describe("a cursor", () => {
  it("comes back as the values that went in", () => {
    const values = [new Date("2026-03-01T12:00:00.123Z"), 42, ID, "any text: ß"] as const;
    const columns = ["date", "number", "uuid", "text"] as const;
    expect(decodeCursor("list", columns, encodeCursor("list", values))).toEqual({ ok: true, value: values });
  });

  it.each([
    ["of another list", encodeCursor("other", [1])],
    ["with too many values", encodeCursor("list", [1, 2])],
    ["with too few values", encodeCursor("list", [])],
    ["with a value of another kind", encodeCursor("list", ["one"])],
    ["with a number that no row has", encodeCursor("list", [1.5])],
    ["of another version", Buffer.from('[2,"list",1]').toString("base64url")],
    ["that is no JSON", Buffer.from("nonsense").toString("base64url")],
    ["that is no list", Buffer.from('{"0":1}').toString("base64url")],
    ["that is empty", ""],
    ["that is very long", "A".repeat(5_000)],
  ])("%s is CURSOR_INVALID", (_what, cursor) => {
    expect(decodeCursor("list", ["number"], cursor)).toEqual(failed("CURSOR_INVALID"));
  });

  it("with no uuid where one must be is CURSOR_INVALID, so that the database never sees it", () => {
    expect(decodeCursor("list", ["uuid"], encodeCursor("list", ["' or 1=1"]))).toEqual(failed("CURSOR_INVALID"));
    expect(decodeCursor("list", ["date"], encodeCursor("list", ["yesterday"]))).toEqual(failed("CURSOR_INVALID"));
    for (const moment of ["+275760-09-13T00:00:00.000Z", "-271821-04-20T00:00:00.000Z", "0000-01-01T00:00:00.000Z"]) {
      expect(decodeCursor("list", ["date"], encodeCursor("list", [moment]))).toEqual(failed("CURSOR_INVALID"));
    }
  });
});

describe("slicePage", () => {
  const rows = Array.from({ length: 7 }, (_, index) => ({ key: `row ${index}` }));
  const slice = (input: { first: number; after?: string | null }) => slicePage("rows", rows, ({ key }) => key, input);

  it("gives every row exactly once, page by page", () => {
    const seen: string[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const page = slice({ first: 3, after });
      if (!page.ok) throw new Error(page.error.message);
      seen.push(...page.value.nodes.map(({ key }) => key));
      after = page.value.pageInfo.hasNextPage ? page.value.pageInfo.endCursor : null;
      pages += 1;
    } while (after !== null);
    expect([seen, pages]).toEqual([rows.map(({ key }) => key), 3]);
  });

  it("says so where the cursor's row is gone", () => {
    const cursor = encodeCursor("rows", ["row 99"]);
    expect(slice({ first: 3, after: cursor })).toEqual(failed("CURSOR_INVALID"));
  });
});

describe("pageSize", () => {
  it.each([0, -1, 101, 1.5, Number.NaN])("refuses %d", (first) => {
    expect(pageSize(first)).toEqual(failed("INVALID_INPUT"));
  });

  it.each([1, 100])("takes %d", (first) => {
    expect(pageSize(first)).toEqual({ ok: true, value: first });
  });
});
