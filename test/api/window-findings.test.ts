import { print } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { auditWeightSet } from "../../src/cli/audit.ts";
import { publishWeights } from "../../src/core/app/weights/publish-weights.ts";
import { WeightSetDocument, type WeightSetQuery } from "../../src/sdk/generated/graphql.ts";
import { aCompetitor, aPlayedTask, type Competitor } from "./a-world.ts";
import { withTestApi } from "./with-test-api.ts";

describe("findings about a window", () => {
  const api = withTestApi();
  let selfMade: Competitor;
  let set: NonNullable<WeightSetQuery["weightSet"]>;

  beforeAll(async () => {
    const { app } = api;
    const honest = await aCompetitor(app, "honest");
    selfMade = await aCompetitor(app, "self-made");
    const play = async (origin: "ORGANIC" | "SYNTHETIC", order: readonly Competitor[]) => {
      const { task } = await aPlayedTask(app, { status: "SCORED", origin }, order);
      await publishWeights(app, task.id);
      return app.ids.derived("weightSet", task.id);
    };
    await play("SYNTHETIC", [honest, selfMade]);
    await play("SYNTHETIC", [selfMade, honest]);
    await play("SYNTHETIC", [honest, selfMade]);
    const id = await play("ORGANIC", [selfMade, honest]);
    const { weightSet } = await api.query<WeightSetQuery>(print(WeightSetDocument), { variables: { id } });
    if (weightSet === null) throw new Error("expected a weight set");
    set = weightSet;
  });

  it("stand on the weight set, for everybody to see", () => {
    expect(set.findings).toEqual([
      {
        rule: "organic-synthetic-gap",
        verdict: "FLAG",
        code: "ORGANIC_SYNTHETIC_GAP",
        leftOut: true,
        evidence: expect.objectContaining({ organicMean: 3, organicTasks: 1, syntheticTasks: 3 }),
        miner: { id: selfMade.miner.id, name: "self-made", hotkey: selfMade.miner.hotkey },
      },
    ]);
  });

  it("and the published scores amount to the weights and the digest", () => {
    expect(auditWeightSet(set)).toEqual({
      digest: set.digest,
      digestMatches: true,
      wrongWeights: [],
      leftOut: 1,
      marksMatch: true,
    });
  });

  it("and neither a finding nor a mark can be taken away or added without the audit telling", () => {
    expect(auditWeightSet({ ...set, findings: [] })).toMatchObject({ digestMatches: false, leftOut: 0 });
    expect(auditWeightSet({ ...set, findings: [] }).wrongWeights).toContain(selfMade.miner.hotkey);
    const inputs = set.inputs as readonly { readonly leftOut?: true }[]; // JSON of the API
    const unmarked = inputs.map(({ leftOut: _leftOut, ...score }) => score);
    expect(auditWeightSet({ ...set, inputs: unmarked })).toMatchObject({ marksMatch: false });
    const marked = inputs.map((score) => ({ ...score, leftOut: true }));
    expect(auditWeightSet({ ...set, inputs: marked })).toMatchObject({ marksMatch: false });
  });

  it("do not count among a miner's scored tasks", async () => {
    const { leaderboard } = await api.query<{
      leaderboard: { nodes: readonly { tasksScored: number; miner: { name: string } }[] };
    }>("{ leaderboard { nodes { tasksScored miner { name } } } }");
    const counts = new Map(leaderboard.nodes.map(({ miner, tasksScored }) => [miner.name, tasksScored]));
    expect(counts).toEqual(
      new Map([
        ["honest", 4],
        ["self-made", 3],
      ]),
    );
  });
});
