import { expect, it } from "vitest";
import { z } from "zod";
import type { AnyTaskType } from "../../contract/index.ts";
import { mapRows } from "./map-rows.ts";

const columns = [
  { role: "text", column: "verse", required: true },
  { role: "note", column: "remark", required: false },
];
const taskType = (check: (text: string) => boolean = (text) => text !== "") => {
  const text = z.string().refine(check, "must not be empty");
  // What mapRows asks a type, and no more.
  const asked: Pick<AnyTaskType, "columns" | "rowSchema"> = {
    columns: () => columns,
    rowSchema: () => z.strictObject({ text }),
  };
  return asked as AnyTaskType;
};
const limits = { maxBytes: 1_000 };

it("gives rows by role, and texts of other values as JSON", async () => {
  expect(await mapRows(taskType(), {}, [{ verse: ["a", 1], remark: null, other: "x" }], limits)).toEqual({
    ok: true,
    value: [{ text: '["a",1]' }],
  });
});

it("leads to the first row that breaks a rule, by the customer's own name of the column", async () => {
  const rows = [{ verse: "a" }, { verse: "" }, { verse: "b" }, { verse: "" }];
  expect(await mapRows(taskType(), {}, rows, limits)).toEqual({
    ok: false,
    error: {
      code: "DATASET_ROW_INVALID",
      message: "2 of 4 rows break a rule; the first: row 2: text: must not be empty; row 4: text: must not be empty",
      path: ["input", "dataset", "rows", "1", "verse"],
    },
  });
});

it("takes numbers for texts where that is what was sent, and says where digits were lost", async () => {
  const read = (verse: string) => mapRows(taskType(), {}, [{ verse: JSON.parse(verse) }], limits);
  expect(await read("9007199254740991")).toEqual({ ok: true, value: [{ text: "9007199254740991" }] });
  expect(await read("0.1")).toEqual({ ok: true, value: [{ text: "0.1" }] });
  expect(await read("12345678901234567890")).toMatchObject({
    error: {
      message: expect.stringContaining("row 1: text: is a number of more digits than JSON keeps: send it as text"),
      path: ["input", "dataset", "rows", "0", "verse"],
    },
  });
});

it("looks for columns among a row's own only", async () => {
  const inherited = [{ role: "text", column: "toString", required: true }];
  const type: AnyTaskType = { ...taskType(), columns: () => inherited };
  const mapped = await mapRows(type, {}, [{ toString: "a" }, { other: "b" }], limits);
  expect(mapped).toMatchObject({ error: { message: expect.stringContaining("row 2: text: is missing") } });
});

it("refuses rows that come to more bytes than a dataset may have", async () => {
  const rows = Array.from({ length: 3 }, () => ({ verse: "x".repeat(400) }));
  expect(await mapRows(taskType(), {}, rows, limits)).toMatchObject({
    error: { code: "DATASET_TOO_LARGE", message: "expected rows of at most 1000 bytes, found more after 3 of 3 rows" },
  });
});

it("lets others have their turn, and stops when it is called off", async () => {
  const calledOff = new AbortController();
  setTimeout(() => calledOff.abort(new Error("called off")), 0);
  let checked = 0;
  const endless = taskType(() => {
    checked += 1;
    const until = performance.now() + 5;
    while (performance.now() < until);
    return true;
  });
  const rows = Array.from({ length: 10_000 }, () => ({ verse: "x" }));
  const { signal } = calledOff;
  await expect(mapRows(endless, {}, rows, { maxBytes: Infinity, signal })).rejects.toThrow("called off");
  expect(checked).toBeLessThan(rows.length);
});
