import { expect, it } from "vitest";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { testWeightPublisher } from "../../src/core/contract/testing/test-weight-publisher.ts";
import { ledgerPublisher } from "../../src/plugins/ledger-publisher/index.ts";

testWeightPublisher("ledger", (host) => ledgerPublisher.create({}, host));

const aSet = (id: string) => ({
  id,
  sequence: 1,
  digest: `${id}-digest`,
  empty: false,
  weights: [{ hotkey: "5F", integer: 1_000_000_000 }],
});

it("appends each weight set once and refers to its place in the chain", async () => {
  await using host = await createTestHost();
  const publisher = ledgerPublisher.create({}, host);
  const { signal } = new AbortController();
  const first = await publisher.publish(aSet("a"), signal);
  const second = await publisher.publish(aSet("b"), signal);
  await publisher.publish(aSet("a"), signal);
  expect(host.entries).toEqual([
    { weightSetId: "a", digest: "a-digest" },
    { weightSetId: "b", digest: "b-digest" },
  ]);
  expect(first.reference).toMatch(/^ledger:1:[0-9a-f]{64}$/);
  expect(second.reference).toMatch(/^ledger:2:[0-9a-f]{64}$/);
});

it("appends nothing once it is called off", async () => {
  await using host = await createTestHost();
  const publisher = ledgerPublisher.create({}, host);
  await expect(publisher.publish(aSet("a"), AbortSignal.abort())).rejects.toThrow("aborted");
  expect(host.entries).toEqual([]);
});
