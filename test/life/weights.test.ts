import { randomUUID } from "node:crypto";
import { expect, it, vi } from "vitest";
import { publishMissingWeights, type App } from "../../src/core/app/index.ts";
import { publishWeights } from "../../src/core/app/weights/publish-weights.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { aMiner, aTask } from "../infra/sample-rows.ts";
import { untilSomebodyWaits } from "./a-held-lock.ts";

async function aScoredTask(app: App): Promise<string> {
  const task = aTask({ kind: "instruct", status: "SCORED", scoredAt: app.clock.now(), taskWeight: 1 });
  await app.store.transaction((tx) => tx.insert("tasks", task));
  return task.id;
}

/** The same app, which waits before it stores a weight set. */
function heldBack(app: App) {
  const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const store: App["store"] = {
    ...app.store,
    transaction: (work) =>
      app.store.transaction((tx) =>
        work({
          ...tx,
          async insert(table, row) {
            reached.resolve();
            await gate.promise;
            return tx.insert(table, row);
          },
        }),
      ),
  };
  return { app: { ...app, store }, reached: reached.promise, release: gate.resolve };
}

it("weight sets are made one after the other, so that later numbers know at least as much", async () => {
  await using test = await createTestApp();
  const { app } = test;
  const ids: string[] = [];
  const publish = async (how: App = app): Promise<void> => {
    const taskId = await aScoredTask(app);
    ids.push(app.ids.derived("weightSet", taskId));
    await publishWeights(how, taskId);
  };
  await publish();
  const [early, late] = [heldBack(app), heldBack(app)];
  const second = publish(early.app);
  await early.reached;
  const third = publish(late.app);
  await untilSomebodyWaits(test);
  early.release();
  await Promise.all([second, late.reached]);
  const fourth = publish();
  await untilSomebodyWaits(test);
  late.release();
  await Promise.all([third, fourth]);
  const made = await app.store.find("weightSets", {}, { orderBy: { sequence: "asc" } });
  expect(made.map(({ id }) => id)).toEqual(ids);
});

it("a weight set that one publisher refuses is given to the others", async () => {
  const published: string[] = [];
  const publisher = (name: string): App["publishers"][number] => ({
    async publish() {
      if (name === "broken") throw new Error("the chain does not take it");
      published.push(name);
      return { reference: name };
    },
  });
  await using test = await createTestApp({ parts: { publishers: ["broken", "sound"].map(publisher) } });
  await expect(publishWeights(test.app, await aScoredTask(test.app))).rejects.toThrow("the chain does not take it");
  expect(published).toEqual(["sound"]);
});

it("a publisher that never ends is left alone when its time is over", async () => {
  const time = new AbortController();
  const reached = Promise.withResolvers<void>();
  const publish = (): Promise<never> => {
    reached.resolve();
    return new Promise(() => {});
  };
  await using test = await createTestApp({ parts: { publishers: [{ publish }] } });
  const taskId = await aScoredTask(test.app);
  vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(time.signal);
  const publishing = publishWeights(test.app, taskId);
  await reached.promise;
  time.abort(new Error("it is late"));
  await expect(publishing).rejects.toThrow("it is late");
  vi.restoreAllMocks();
});

it("a weight set that a publisher refuses keeps no other from being made", async () => {
  const published: string[] = [];
  let refused: string | null = null;
  const publisher: App["publishers"][number] = {
    async publish({ id }) {
      refused ??= id;
      if (id === refused) throw new Error("the chain does not take it");
      published.push(id);
      return { reference: randomUUID() };
    },
  };
  await using test = await createTestApp({ parts: { publishers: [publisher] } });
  const { app } = test;
  await aScoredTask(app);
  await aScoredTask(app);
  await publishMissingWeights(app);
  expect(await app.store.count("weightSets", {})).toBe(2);
  expect(published).toHaveLength(1);
});

it("a result counts where the clock that scored it is ahead of the one that makes the weight set", async () => {
  await using test = await createTestApp();
  const { app, clock } = test;
  const taskId = await aScoredTask(app);
  const miner = aMiner();
  await app.store.transaction(async (tx) => {
    await tx.insert("miners", miner);
    await tx.insert("scores", {
      taskId,
      minerId: miner.id,
      submissionId: null,
      rank: 1,
      taskScore: 3,
      taskWeight: 1,
      adjustedScore: 3,
      reason: "WINNER",
      explanation: "the only one",
      scoredAt: clock.now(),
    });
  });
  clock.advance(-500);
  await publishWeights(app, taskId);
  expect(await app.store.find("weightSets", {})).toMatchObject([{ empty: false, entries: [{ weight: 1 }] }]);
});
