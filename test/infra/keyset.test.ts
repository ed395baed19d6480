import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { TaskRecord } from "../../src/core/app/records.ts";
import { afterKey } from "../../src/core/infra/db/keyset.ts";
import { withTestDatabase } from "../helpers/test-database.ts";
import { aTask } from "./sample-rows.ts";

const database = withTestDatabase();

const moment = fc.integer({ min: 0, max: 5 }).map((second) => new Date(Date.UTC(2026, 2, 1, 0, 0, second)));

async function walk(kind: string, direction: "asc" | "desc", limit: number): Promise<TaskRecord[]> {
  const seen: TaskRecord[] = [];
  for (let after: [Date, string] | null = null; ;) {
    const page: readonly TaskRecord[] = await database.store.page("tasks", {
      where: { kind },
      orderBy: ["createdAt", "id"],
      direction,
      after,
      limit,
    });
    seen.push(...page);
    const last = page.at(-1);
    if (!last || page.length < limit) return seen;
    after = [last.createdAt, last.id];
  }
}

it("pages show every row once and in order, whatever their size and however many rows share a moment", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), async (moments, limit) => {
      const kind = randomUUID();
      const rows = moments.map((createdAt) => aTask({ kind, createdAt }));
      await database.store.transaction((tx) => tx.insertMany("tasks", rows));
      const expected = rows
        .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id);
      expect((await walk(kind, "asc", limit)).map(({ id }) => id)).toEqual(expected);
      expect((await walk(kind, "desc", limit)).map(({ id }) => id)).toEqual(expected.toReversed());
    }),
    { numRuns: 25 },
  );
});

it("a row that comes while somebody pages moves no other row", async () => {
  const kind = randomUUID();
  const rows = Array.from({ length: 4 }, (_, second) =>
    aTask({ kind, createdAt: new Date(Date.UTC(2026, 2, 2, 0, 0, second)) }),
  );
  await database.store.transaction((tx) => tx.insertMany("tasks", rows));
  const request = { where: { kind }, orderBy: ["createdAt", "id"], direction: "desc", limit: 2 } as const;
  const first = await database.store.page("tasks", { ...request, after: null });
  await database.store.transaction((tx) =>
    tx.insert("tasks", aTask({ kind, createdAt: new Date(Date.UTC(2026, 2, 3)) })),
  );
  const last = first.at(-1);
  const second = await database.store.page("tasks", { ...request, after: last ? [last.createdAt, last.id] : null });
  expect([...first, ...second].map(({ id }) => id)).toEqual(rows.toReversed().map(({ id }) => id));
});

it("a key of the wrong length is refused", () => {
  expect(() => afterKey<TaskRecord>(["createdAt", "id"], "asc", ["x"])).toThrow(RangeError);
});
