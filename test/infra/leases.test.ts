import { randomUUID } from "node:crypto";
import { expect, it, vi } from "vitest";
import type { Lease } from "../../src/core/app/ports.ts";
import { createLeases, dropDeadLeases, LeaseLostError } from "../../src/core/infra/db/index.ts";
import { withTestDatabase } from "../helpers/test-database.ts";
import { aMiner } from "./sample-rows.ts";
import { silentLog } from "./silent-log.ts";

const HEARTBEAT_MS = 40;

const database = withTestDatabase();
const leases = (heartbeatMs = HEARTBEAT_MS) => createLeases(database.orm, { heartbeatMs, log: silentLog });
/** Heartbeats too rarely to be heard in a test. */
const slowLeases = () => leases(600_000);

/** As if the holder had stopped long ago; in the future, where the clock was set back since. */
const silence = (resource: string, ago = "1 hour"): Promise<unknown> =>
  database.orm.em
    .fork()
    .execute("update leases set heartbeat_at = heartbeat_at - ?::interval where resource = ?", [ago, resource]);

const lost = (lease: Lease): Promise<unknown> =>
  new Promise((resolve) => lease.signal.addEventListener("abort", () => resolve(lease.signal.reason)));

it("a lease has one holder, and is free after the work", async () => {
  const resource = randomUUID();
  const first = await leases().withLease(resource, async () => {
    expect(await leases().withLease(resource, async () => "second")).toBeNull();
    return "first";
  });
  expect(first).toEqual({ value: "first" });
  expect(await leases().withLease(resource, async () => "third")).toEqual({ value: "third" });
});

it("a process holds no more leases than it may, and says when there is room again", async () => {
  const bounded = createLeases(database.orm, { heartbeatMs: 600_000, log: silentLog, most: { task: 1 } });
  const room = vi.fn<() => void>();
  bounded.onRoom(room);
  await bounded.withLease(randomUUID(), async () => undefined);
  expect(room).not.toHaveBeenCalled();
  await bounded.withLease(randomUUID(), async () => {
    expect(await bounded.withLease(randomUUID(), async () => "too much")).toBeNull();
    expect(room).not.toHaveBeenCalled();
  });
  expect(room).toHaveBeenCalledTimes(1);
  expect(await bounded.withLease(randomUUID(), async () => "again")).toEqual({ value: "again" });
});

it("a lease is free after work that fails", async () => {
  const resource = randomUUID();
  const failing = leases().withLease(resource, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await leases().withLease(resource, async () => 1)).toEqual({ value: 1 });
});

it("of many that ask at once, one gets the lease", async () => {
  const resource = randomUUID();
  const gate = Promise.withResolvers<string>();
  const attempts = Array.from({ length: 6 }, () => leases().withLease(resource, () => gate.promise));
  let refused = 0;
  const allRefused = new Promise<void>((resolve) => {
    for (const attempt of attempts) void attempt.then((answer) => answer === null && ++refused === 5 && resolve());
  });
  await allRefused;
  gate.resolve("worked");
  expect((await Promise.all(attempts)).filter((answer) => answer !== null)).toEqual([{ value: "worked" }]);
});

it("heartbeats keep a lease for longer than others would wait", async () => {
  const resource = randomUUID();
  const renewals = async (): Promise<string> => {
    const lease = await database.store.findOne("leases", { resource });
    return lease?.heartbeatAt.toISOString() ?? "gone";
  };
  // Long enough for a machine that has much else to do.
  const patient = leases(600);
  await patient.withLease(resource, async (lease) => {
    const seen = new Set<string>();
    while (seen.size < 4 && !seen.has("gone")) seen.add(await renewals());
    expect(seen).not.toContain("gone");
    expect(lease.signal.aborted).toBe(false);
    expect(await patient.withLease(resource, async () => 1)).toBeNull();
  });
});

it.each(["1 hour", "-1 hour"])(
  "the work of a holder silent since %s is taken over, its late result refused",
  async (ago) => {
    const resource = randomUUID();
    await slowLeases().withLease(resource, async (old) => {
      await silence(resource, ago);
      const takeover = await leases().withLease(resource, async (fresh) => {
        expect(fresh.token).toBeGreaterThan(old.token);
        await database.store.transaction((tx) => leases().assertHeld(tx, fresh));
        const late = database.store.transaction((tx) => leases().assertHeld(tx, old));
        await expect(late).rejects.toThrow(LeaseLostError);
        return "done";
      });
      expect(takeover).toEqual({ value: "done" });
    });
  },
);

it("a holder whose lease is gone is told to stop", async () => {
  const resource = randomUUID();
  const told = await leases().withLease(resource, async (lease) => {
    const gone = lost(lease);
    await database.store.transaction((tx) => tx.remove("leases", { resource }));
    return gone;
  });
  expect(told?.value).toBeInstanceOf(LeaseLostError);
});

it("nobody takes a lease between the look at it and the commit", async () => {
  const resource = randomUUID();
  await slowLeases().withLease(resource, async (lease) => {
    await silence(resource);
    const miner = aMiner();
    const looked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const write = database.store.transaction(async (tx) => {
      await leases().assertHeld(tx, lease);
      looked.resolve();
      await gate.promise;
      await tx.insert("miners", miner);
    });
    await looked.promise;
    const takeover = leases().withLease(resource, () => database.store.findOne("miners", { id: miner.id }));
    gate.resolve();
    await write;
    const answer = await takeover;
    expect(answer === null || answer.value?.id === miner.id).toBe(true);
  });
});

it.each(["1 hour", "-1 hour"])("dead leases are dropped and named, living ones are kept: %s ago", async (ago) => {
  const [dead, alive] = [randomUUID(), randomUUID()];
  await slowLeases().withLease(alive, () =>
    slowLeases().withLease(dead, async () => {
      await silence(dead, ago);
      const dropped = await dropDeadLeases(database.orm, 600_000);
      expect(dropped).toEqual(new Set([dead]));
    }),
  );
});
