import { expect, it } from "vitest";
import { z } from "zod";
import type { PluginEntry, WeightSetRecord } from "../../src/core/app/index.ts";
import { publishWeights } from "../../src/core/app/weights/publish-weights.ts";
import { definePlugin, defineWindowRule, type Verdict } from "../../src/core/contract/index.ts";
import { computeWeightSet, type ScoredResult } from "../../src/core/domain/index.ts";
import { builtinPlugins } from "../../src/plugins/index.ts";
import { aCompetitor, aPlayedTask, type Competitor } from "../api/a-world.ts";
import { createTestApp, type TestApp } from "../helpers/test-app.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

interface World extends TestApp, AsyncDisposable {
  readonly honest: Competitor;
  readonly selfMade: Competitor;
  /** A SCORED task: the first takes +3, the other −1. Gives the weight set that it calls for. */
  readonly play: (origin: "ORGANIC" | "SYNTHETIC", first: Competitor, other: Competitor) => Promise<WeightSetRecord>;
}

async function world(plugins: readonly PluginEntry[] = builtinPlugins): Promise<World> {
  const test = await createTestApp({ plugins });
  const { app, clock } = test;
  const [honest, selfMade] = [await aCompetitor(app, "honest"), await aCompetitor(app, "self-made")];
  return {
    ...test,
    honest,
    selfMade,
    async play(origin, first, other) {
      const at = clock.now();
      const { task } = await aPlayedTask(app, { status: "SCORED", origin, scoredAt: at }, [first, other]);
      await app.store.transaction((tx) => tx.update("scores", { taskId: task.id }, { scoredAt: at }));
      await publishWeights(app, task.id);
      const set = await app.store.findOne("weightSets", { id: app.ids.derived("weightSet", task.id) });
      if (set === null) throw new Error("expected a weight set");
      return set;
    },
  };
}

/** The self-made miner wins one of three synthetic tasks and then organic ones that nobody else wins. */
async function selfMadeWins({ play, honest, selfMade }: World, organicTasks: number): Promise<WeightSetRecord> {
  await play("SYNTHETIC", honest, selfMade);
  await play("SYNTHETIC", selfMade, honest);
  let set = await play("SYNTHETIC", honest, selfMade);
  for (let task = 0; task < organicTasks; task += 1) set = await play("ORGANIC", selfMade, honest);
  return set;
}

const inputsOf = (set: WeightSetRecord) => set.inputs as unknown as readonly ScoredResult[]; // as publishWeights wrote them
const weightOf = (set: WeightSetRecord, { miner }: Competitor) =>
  set.entries.find(({ minerId }) => minerId === miner.id)?.weight ?? Number.NaN;

it("leaves the organic results of a flagged miner out, and keeps them in the published inputs", async () => {
  await using test = await world();
  const { app, selfMade, honest } = test;
  const set = await selfMadeWins(test, 2);

  expect(await app.store.find("windowFindings", { weightSetId: set.id })).toMatchObject([
    {
      minerId: selfMade.miner.id,
      rule: "organic-synthetic-gap",
      verdict: "FLAG",
      code: "ORGANIC_SYNTHETIC_GAP",
      leftOut: true,
      evidence: { organicMean: 3, syntheticMean: 1 / 3, organicTasks: 2, syntheticTasks: 3 },
    },
  ]);
  const inputs = inputsOf(set);
  expect(inputs).toHaveLength(10);
  const leftOut = inputs.filter((input) => input.leftOut === true);
  expect(leftOut).toHaveLength(2);
  for (const result of leftOut) expect(result).toMatchObject({ id: selfMade.miner.hotkey, origin: "ORGANIC" });

  const scores = inputs.map(({ leftOut: _leftOut, ...score }) => score);
  expect(weightOf(set, selfMade)).toBeLessThan(computeWeightSet(scores).weights[selfMade.miner.hotkey] ?? 0);
  expect(weightOf(set, selfMade)).toBe(
    computeWeightSet(scores.filter(({ id, origin }) => id === honest.miner.hotkey || origin === "SYNTHETIC")).weights[
      selfMade.miner.hotkey
    ],
  );
});

it("tells a flagged miner once, however many weight sets have the finding", async () => {
  await using test = await world();
  const { app, selfMade, honest } = test;
  await selfMadeWins(test, 3);
  expect(await app.store.count("windowFindings", { minerId: selfMade.miner.id })).toBe(3);
  const noticesOf = ({ miner }: Competitor) => app.store.find("minerEvents", { minerId: miner.id, type: "Notice" });
  expect(await noticesOf(selfMade)).toMatchObject([
    { payload: { code: "ORGANIC_SYNTHETIC_GAP", message: expect.stringContaining("organic-synthetic-gap") } },
  ]);
  expect(await noticesOf(honest)).toEqual([]);
});

it("judges every weight set afresh: a finding ends with the window that it was made from", async () => {
  await using test = await world();
  const { app, clock, selfMade, honest, play } = test;
  await selfMadeWins(test, 2);
  clock.advance(8 * DAY_MS);
  await play("SYNTHETIC", selfMade, honest);
  const set = await play("ORGANIC", selfMade, honest);
  expect(await app.store.find("windowFindings", { weightSetId: set.id })).toEqual([]);
  expect(inputsOf(set)).toHaveLength(4);
  expect(inputsOf(set).filter((input) => "leftOut" in input)).toEqual([]);
});

/** The built-in plugins with one rule only: it finds against the newest of the worst results of ten days. */
function againstTheLast(verdict: Verdict): readonly PluginEntry[] {
  const rule = defineWindowRule({
    name: "against-the-last",
    source: "a test",
    description: "The lowest score.",
    days: 10,
    options: z.strictObject({}),
    judge: (results) => ({
      findings: results
        .toSorted((a, b) => a.taskScore - b.taskScore || a.ageDays - b.ageDays)
        .slice(0, 1)
        .flatMap(({ submissionId }) =>
          submissionId === null ? [] : [{ submission: submissionId, verdict, code: "LAST", evidence: {} }],
        ),
      notices: [`${results.length} results`],
    }),
  });
  const plugin = definePlugin({ name: rule.name, version: "1.0.0", provides: [rule] });
  const others = builtinPlugins.filter(({ plugin: { name } }) => name !== "organic-synthetic-gap");
  return [...others, { plugin, origin: "a test" }];
}

it("leaves nothing out where that would raise the miner's own weight, and says so", async () => {
  await using test = await world(againstTheLast("FLAG"));
  const { app, clock, selfMade, honest, play } = test;
  await play("SYNTHETIC", selfMade, honest);
  clock.advance(DAY_MS / 24);
  const set = await play("ORGANIC", honest, selfMade);
  expect(await app.store.find("windowFindings", { weightSetId: set.id })).toMatchObject([
    { minerId: selfMade.miner.id, code: "LAST", leftOut: false },
  ]);
  const scores = inputsOf(set);
  expect(scores.filter((input) => "leftOut" in input)).toEqual([]);
  expect(weightOf(set, selfMade)).toBe(computeWeightSet(scores).weights[selfMade.miner.hotkey]);
  expect(await app.store.find("notices", { code: "against-the-last" })).toHaveLength(2);
});

it("leaves all results of a disqualified miner out, which keeps its line in the weight set", async () => {
  await using test = await world(againstTheLast("DISQUALIFY"));
  const { app, clock, selfMade, honest, play } = test;
  await play("SYNTHETIC", honest, selfMade);
  clock.advance(8 * DAY_MS);
  const set = await play("SYNTHETIC", honest, selfMade);
  // The rule looks back ten days, the weight set seven.
  expect(await app.store.find("notices", {}, { orderBy: { createdAt: "desc" }, limit: 1 })).toMatchObject([
    { message: "4 results" },
  ]);
  expect(set.entries).toHaveLength(2);
  expect(weightOf(set, selfMade)).toBe(0);
  expect(weightOf(set, honest)).toBe(1);
  expect(inputsOf(set).map(({ id, leftOut }) => [id, leftOut ?? false])).toEqual(
    [
      [honest.miner.hotkey, false],
      [selfMade.miner.hotkey, true],
    ].toSorted(([a], [b]) => ((a ?? "") < (b ?? "") ? -1 : 1)),
  );
});
