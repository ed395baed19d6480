import { afterEach, expect, it } from "vitest";
import type { SourceFetchRecord } from "../../src/core/app/index.ts";
import { dueFetchIds, pendingSubmissionIds } from "../../src/core/infra/db/index.ts";
import { startSweeper, type Repeated } from "../../src/core/infra/events/index.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { silentLog } from "../infra/silent-log.ts";
import { anAssignment } from "../intake/an-assignment.ts";
import { valueOf } from "../intake/result.ts";
import { aCommit, aRepo, sealSource } from "./a-source.ts";

const test = withTestApp();
const started: Repeated[] = [];
afterEach(() => Promise.all(started.splice(0).map((part) => part.stop())));

/** Sealed sources, each changed. */
async function fetches(...changes: readonly Partial<SourceFetchRecord>[]): Promise<readonly string[]> {
  const at = await anAssignment(test.app);
  const ids: string[] = [];
  for (const change of changes) {
    const { id } = valueOf(await sealSource(test.app, at, { huggingFace: { repo: aRepo(), commit: aCommit() } }));
    await test.app.store.transaction((tx) => tx.update("sourceFetches", { submissionId: id }, change));
    ids.push(id);
  }
  return ids;
}

it("rings for sources that are due and that nobody fetches, and for no inspection before they are here", async () => {
  const now = test.clock.now();
  const [due, later, stalled, done, held] = await fetches(
    {},
    { dueAt: new Date(now.getTime() + 1) },
    { status: "STALLED" },
    { status: "DONE" },
    {},
  );
  await test.app.store.transaction((tx) =>
    tx.insert("leases", { resource: `fetch:${held}`, holder: "alive", token: 1, heartbeatAt: new Date() }),
  );
  const { orm } = test.database;
  expect(await dueFetchIds(orm, now)).toEqual([due]);
  expect(await dueFetchIds(orm, new Date(now.getTime() + 1))).toEqual([due, later]);
  expect(await pendingSubmissionIds(orm)).toEqual([done]);
  const rung: (readonly [string, object])[] = [];
  const fetchRung = Promise.withResolvers<void>();
  const queue = {
    ring: async ({ name, data }: { name: string; data: object }) => {
      rung.push([name, data]);
      if (name === "fetch") fetchRung.resolve();
    },
  };
  const sweeper = await startSweeper({ orm, queue, heartbeatMs: 60_000, clock: test.clock, log: silentLog });
  started.push(sweeper);
  sweeper.run();
  await fetchRung.promise;
  expect(rung).toContainEqual(["fetch", { submissionId: due }]);
  expect(rung).toContainEqual(["inspect", { submissionId: done }]);
  for (const id of [later, stalled, held]) expect(rung).not.toContainEqual(["fetch", { submissionId: id }]);
});
