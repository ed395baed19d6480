import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { chainDigest, createLedger } from "../../src/core/infra/db/ledger.ts";
import { withTestDatabase } from "../helpers/test-database.ts";

const database = withTestDatabase();
const ledger = () => createLedger(database.orm, { now: () => new Date() });

it("weight sets appended at once follow each other in one chain", async () => {
  const ids = Array.from({ length: 8 }, () => randomUUID());
  await database.store.transaction((tx) =>
    tx.insertMany(
      "weightSets",
      ids.map((id) => ({
        id,
        policy: "paper",
        inputs: [],
        entries: [],
        empty: true,
        digest: id,
        createdAt: new Date(),
      })),
    ),
  );
  await Promise.all(ids.map((id) => ledger().append({ weightSetId: id, digest: id })));
  const rows = await database.store.find("ledger", {}, { orderBy: { sequence: "asc" } });
  expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  let previous = "0".repeat(64);
  for (const row of rows) {
    expect(row.prevDigest).toBe(previous);
    previous = chainDigest(row.prevDigest, row.digest);
  }
});

it("a weight set appended twice is one row, and another digest is refused", async () => {
  const id = randomUUID();
  const row = { id, policy: "paper", inputs: [], entries: [], empty: true, digest: "d", createdAt: new Date() };
  await database.store.transaction((tx) => tx.insert("weightSets", row));
  const first = await ledger().append({ weightSetId: id, digest: "d" });
  expect(await ledger().append({ weightSetId: id, digest: "d" })).toEqual(first);
  expect(await database.store.count("ledger", { weightSetId: id })).toBe(1);
  await expect(ledger().append({ weightSetId: id, digest: "other" })).rejects.toThrow(/another|not other/);
});
