import { expect, it } from "vitest";
import { clearUnsealed, expireUploads } from "../../src/core/app/index.ts";
import { createUpload } from "../../src/core/app/uploads/create-upload.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { aCompleteUpload, aModel, announce, open } from "./an-upload.ts";
import { anAssignment } from "./an-assignment.ts";
import { valueOf } from "./result.ts";
import { tinyBases } from "./tiny-base.ts";

const test = withTestApp({ parts: { bases: tinyBases } });
const DAY_MS = 24 * 60 * 60 * 1000;
/** Past whatever the files' own times are: the test's clock starts before them. */
const LONG_MS = 4000 * DAY_MS;

const weightsOf = (change: number) => announce(aModel(change))[1]?.sha256 ?? "";
const isStored = async (sha256: string) => (await test.app.artifacts.stat(sha256)) !== null;
const waitingForLocks = async () => {
  const rows = await test.database.orm.em.fork().execute<object[]>(
    `select 1 from pg_locks where locktype = 'advisory' and not granted
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows.length;
};
const clear = async () => {
  await expireUploads(test.app);
  await clearUnsealed(test.app);
};

it("removes what was uploaded and never sealed, a day after it expired", async () => {
  const upload = await aCompleteUpload(test.app, await anAssignment(test.app), aModel(101));
  test.clock.advance(LONG_MS);
  await clear();
  expect(await isStored(weightsOf(101))).toBe(false);
  expect(await test.app.store.findOne("uploads", { id: upload.id })).toMatchObject({ status: "CLEARED" });
  await clear();
});

it("leaves an upload that has only just expired, and bytes that were brought since", async () => {
  const at = await anAssignment(test.app);
  const upload = await aCompleteUpload(test.app, at, aModel(102));
  test.clock.advance(DAY_MS);
  await clear();
  expect(await test.app.store.findOne("uploads", { id: upload.id })).toMatchObject({ status: "REJECTED" });
  expect(await isStored(weightsOf(102))).toBe(true);
});

it("leaves bytes that a submission, an open upload or a dataset names too", async () => {
  const [first, second, third] = [
    await anAssignment(test.app),
    await anAssignment(test.app),
    await anAssignment(test.app),
  ];
  const sealed = await aCompleteUpload(test.app, first, aModel(103));
  await test.app.store.transaction((tx) => tx.update("uploads", { id: sealed.id }, { status: "SEALED" }));
  for (const change of [103, 104, 105]) await aCompleteUpload(test.app, second, aModel(change));
  test.clock.advance(LONG_MS);
  const late = { ...third, ...(await anAssignment(test.app)) };
  valueOf(await open(test.app, late, aModel(104)));
  await test.app.store.transaction((tx) =>
    tx.insert("datasetSplits", {
      taskId: third.taskId,
      split: "TRAIN",
      rows: 1,
      sha256: weightsOf(105),
      bytes: 1,
      sourceRows: [],
      commitment: "",
      nonce: "",
    }),
  );
  await clear();
  expect(await Promise.all([103, 104, 105].map((change) => isStored(weightsOf(change))))).toEqual([true, true, true]);
});

it("and whoever announces the same bytes take turns: they are sent after the removal, never lost by it", async () => {
  const at = await anAssignment(test.app);
  const files = announce(aModel(106));
  const order: string[] = [];
  const { promise: removed, resolve } = Promise.withResolvers<void>();
  const removal = test.app.store.transaction(async (tx) => {
    await tx.lockBlobs([weightsOf(106)], { alone: true });
    resolve();
    await expect.poll(() => waitingForLocks()).toBe(1);
    expect(await tx.isBlobNamed(weightsOf(106))).toBe(false);
    order.push("removed");
  });
  await removed;
  const announced = createUpload(test.app, at.miner, { idempotencyKey: "k", assignmentId: at.assignmentId, files });
  void announced.then(() => order.push("announced"));
  await Promise.all([removal, announced]);
  expect(order).toEqual(["removed", "announced"]);
  expect(await test.app.store.transaction((tx) => tx.isBlobNamed(weightsOf(106)))).toBe(true);
});
