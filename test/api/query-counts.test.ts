import { beforeAll, describe, expect, it, vi } from "vitest";
import { aCompetitor, aPlayedTask, type Competitor } from "./a-world.ts";
import { withTestApi } from "./with-test-api.ts";

describe("the number of SQL statements", () => {
  const api = withTestApi();
  let competitors: readonly Competitor[];

  beforeAll(async () => {
    competitors = await Promise.all(["a", "b", "c"].map((name) => aCompetitor(api.app, name)));
    for (let index = 0; index < 12; index += 1) await aPlayedTask(api.app, { status: "SCORED" }, competitors);
  });

  /** Statements that one operation makes. */
  async function statements(query: string, variables: Readonly<Record<string, unknown>>): Promise<number> {
    // MikroORM sends everything through this method of its connection, which its types do not show.
    const connection = api.database.orm.em.getConnection() as unknown as {
      executeQuery(sql: string): Promise<unknown>;
    };
    const spy = vi.spyOn(connection, "executeQuery");
    try {
      await api.query(query, { variables });
      return spy.mock.calls.length;
    } finally {
      spy.mockRestore();
    }
  }

  it.each([
    [
      "tasks with their submissions and miners",
      "nodes { id submissions(first: 3) { nodes { id miner { name averageScore } } } }",
      4,
    ],
    [
      "tasks with their leaderboards",
      "nodes { id baseline { testLoss } leaderboard { rank weightedLoss miner { name online } submission { id digest } findings { code } } }",
      7,
    ],
    [
      "tasks with everything about their submissions",
      "nodes { submissions { nodes { evaluation { testLoss } findings { code } score { rank } task { title } } } }",
      6,
    ],
    [
      "tasks with their splits and assignments",
      "nodes { splits { split commitment } assignments { nodes { status miner { name } } } }",
      4,
    ],
  ])("for %s does not depend on how many there are", async (_what, fields, most) => {
    const query = `query ($first: Int!) { tasks(first: $first) { ${fields} } }`;
    const [one, twelve] = [await statements(query, { first: 1 }), await statements(query, { first: 12 })];
    expect(twelve).toBe(one);
    expect(one).toBeLessThanOrEqual(most);
    expect(one).toBeGreaterThan(1);
  });

  it("for the leaderboard of miners is two", async () => {
    const entries = competitors.map(({ miner }, index) => ({
      minerId: miner.id,
      hotkey: miner.hotkey,
      temporalScore: 1,
      finalScore: 1,
      weight: [0.5, 0.3, 0.2][index] ?? 0,
      integer: 0,
    }));
    const set = {
      id: crypto.randomUUID(),
      inputs: [],
      policy: "paper",
      entries,
      empty: false,
      digest: "d",
      createdAt: api.clock.now(),
    };
    await api.app.store.transaction((tx) => tx.insert("weightSets", set));
    expect(await statements("{ leaderboard { nodes { weight tasksScored miner { name } } } }", {})).toBe(2);
    expect(
      await statements(
        "{ weightSets { nodes { ledgerSequence chainDigest entries { weight miner { name } } findings { code } } } }",
        {},
      ),
    ).toBe(4);
  });
});
