import { beforeAll, describe, expect, it } from "vitest";
import {
  aCompetitor,
  aCustomer,
  anOperator,
  aPlayedTask,
  type Competitor,
  type Customer,
  type Entry,
} from "./a-world.ts";
import { withTestApi } from "./with-test-api.ts";

const EVERYTHING = /* GraphQL */ `
  query ($id: ID!) {
    task(id: $id) {
      title
      status
      secret
      secretCommitment
      datasetSource
      failure {
        message
        logTail
      }
      baseline {
        testLoss
      }
      splits {
        split
        rows
        commitment
        sha256
        nonce
        url
      }
      submissions {
        nodes {
          id
          digest
          staticVerdict {
            status
          }
          evaluation {
            testLoss
            rowLosses
          }
          findings {
            code
          }
          score {
            rank
          }
          files {
            path
            url
          }
        }
      }
      leaderboard {
        rank
        miner {
          id
        }
        testLoss
        findings {
          code
        }
      }
      assignments {
        nodes {
          miner {
            id
          }
          progress
        }
      }
      events {
        nodes {
          type
        }
      }
      result {
        submission {
          id
        }
        files {
          url
        }
      }
    }
  }
`;

interface Split {
  readonly split: string;
  readonly commitment: string;
  readonly sha256: string | null;
  readonly nonce: string | null;
  readonly url: string | null;
}
interface Seen {
  readonly secret: string | null;
  readonly datasetSource: unknown;
  readonly failure: { readonly message: string; readonly logTail: string | null } | null;
  readonly baseline: unknown;
  readonly splits: readonly Split[];
  readonly submissions: {
    readonly nodes: readonly {
      readonly id: string;
      readonly staticVerdict: object;
      readonly evaluation: unknown;
      readonly findings: readonly unknown[];
      readonly score: unknown;
      readonly files: readonly { readonly url: string | null }[];
    }[];
  };
  readonly leaderboard: readonly { readonly rank: number | null; readonly miner: { readonly id: string } }[];
  readonly assignments: {
    readonly nodes: readonly { readonly miner: { readonly id: string }; readonly progress: unknown }[];
  };
  readonly events: { readonly nodes: readonly unknown[] };
  readonly result: {
    readonly submission: { readonly id: string };
    readonly files: readonly { readonly url: string }[];
  } | null;
}

describe("who may see what of a task", () => {
  const api = withTestApi();
  let operator: string;
  let owner: Customer;
  let stranger: Customer;
  let alice: Competitor;
  let bob: Competitor;
  let carol: Competitor;

  beforeAll(async () => {
    operator = await anOperator(api.app);
    owner = await aCustomer(api.app, "owner");
    stranger = await aCustomer(api.app, "stranger");
    alice = await aCompetitor(api.app, "alice");
    bob = await aCompetitor(api.app, "bob");
    carol = await aCompetitor(api.app, "carol");
  });

  const look = async (id: string, token: string | null): Promise<Seen> =>
    (await api.query<{ task: Seen }>(EVERYTHING, { token, variables: { id } })).task;
  const readable = ({ splits }: Seen): readonly string[] =>
    splits
      .filter(({ url }) => url !== null)
      .map(({ split }) => split)
      .toSorted();
  const opened = ({ splits }: Seen): readonly string[] =>
    splits
      .filter(({ sha256 }) => sha256 !== null)
      .map(({ split }) => split)
      .toSorted();

  describe.each(["TRAINING", "EVALUATING"] as const)("while it is %s", (status) => {
    let id: string;
    let entries: readonly Entry[];

    beforeAll(async () => {
      const played = await aPlayedTask(api.app, { status, customerId: owner.accountId }, [alice, bob]);
      id = played.task.id;
      entries = played.entries;
    });

    const tokens = (): Readonly<Record<string, string | null>> => ({
      nobody: null,
      owner: owner.token,
      stranger: stranger.token,
      operator,
      assigned: alice.token,
      unassigned: carol.token,
    });

    it("keeps secret, TEST, SYNTH, nonces and the result from everybody", async () => {
      for (const [who, token] of Object.entries(tokens())) {
        const seen = await look(id, token);
        expect([who, seen.secret, seen.result]).toEqual([who, null, null]);
        expect([who, seen.splits.map(({ nonce }) => nonce)]).toEqual([who, [null, null, null]]);
        for (const split of seen.splits.filter(({ split }) => split !== "TRAIN")) {
          expect([who, split.sha256, split.url]).toEqual([who, null, null]);
        }
      }
    });

    it("gives TRAIN to owner, operator and assigned miners only", async () => {
      const who = Object.entries(tokens());
      const readers = await Promise.all(
        who.map(async ([name, token]) => ((await look(id, token)).splits.some(({ url }) => url) ? name : null)),
      );
      expect(readers.filter((name) => name !== null)).toEqual(["owner", "operator", "assigned"]);
    });

    it("hides the dataset's source from all but owner and operator", async () => {
      const who = Object.entries(tokens());
      const readers = await Promise.all(
        who.map(async ([name, token]) => ((await look(id, token)).datasetSource === null ? null : name)),
      );
      expect(readers.filter((name) => name !== null)).toEqual(["owner", "operator"]);
    });

    it("shows a miner its own submission with the static verdict and nothing else about it", async () => {
      const seen = await look(id, alice.token);
      expect(seen.submissions.nodes).toEqual([
        expect.objectContaining({
          id: entries[0]?.submission.id,
          staticVerdict: { status: "VALID" },
          evaluation: null,
          findings: [],
          score: null,
        }),
      ]);
      expect([seen.baseline, seen.leaderboard]).toEqual([null, []]);
    });

    it("hides submissions from everybody else but the operator, the owner included", async () => {
      for (const token of [null, owner.token, stranger.token, carol.token]) {
        expect((await look(id, token)).submissions.nodes).toEqual([]);
      }
      expect((await look(id, operator)).submissions.nodes).toHaveLength(2);
    });

    it("finds no submission by its id for those who may not see it", async () => {
      const query =
        "query ($id: ID!, $taskId: ID!) { submission(id: $id) { id } submissions(taskId: $taskId) { nodes { id } } }";
      const variables = { id: entries[0]?.submission.id, taskId: id };
      for (const token of [null, owner.token, bob.token, carol.token]) {
        const { submission } = await api.query<{ submission: unknown }>(query, { token, variables });
        expect(submission).toBeNull();
      }
      expect(await api.query(query, { token: alice.token, variables })).toEqual({
        submission: { id: variables.id },
        submissions: { nodes: [{ id: variables.id }] },
      });
    });

    it("lists nothing of it among all submissions and those of its miners", async () => {
      const query =
        "query ($miner: ID!) { submissions { nodes { id } } miner(id: $miner) { submissions { nodes { id } } } }";
      const variables = { miner: alice.miner.id };
      for (const token of [null, owner.token, bob.token]) {
        const seen = await api.query<{ submissions: object; miner: object }>(query, { token, variables });
        expect(JSON.stringify(seen)).not.toContain(entries[0]?.submission.id);
      }
    });

    it("shows progress to owner and operator, and each miner its own", async () => {
      for (const token of [owner.token, operator]) {
        const { nodes } = (await look(id, token)).assignments;
        expect(nodes.map(({ progress }) => progress)).toEqual([
          expect.objectContaining({ step: 7 }),
          expect.objectContaining({ step: 7 }),
        ]);
      }
      const own = (await look(id, alice.token)).assignments.nodes;
      expect(own.map(({ miner }) => miner.id)).toEqual([alice.miner.id]);
      for (const token of [null, stranger.token, carol.token])
        expect((await look(id, token)).assignments.nodes).toEqual([]);
    });

    it("shows its events to owner and operator", async () => {
      for (const token of [owner.token, operator]) expect((await look(id, token)).events.nodes).toHaveLength(1);
      for (const token of [null, stranger.token, alice.token]) expect((await look(id, token)).events.nodes).toEqual([]);
    });
  });

  describe("once it is SCORED", () => {
    let id: string;
    let entries: readonly Entry[];

    beforeAll(async () => {
      const played = await aPlayedTask(api.app, { status: "SCORED", customerId: owner.accountId }, [alice, bob]);
      id = played.task.id;
      entries = played.entries;
    });

    it("opens secret, digests, nonces, source, submissions, losses and findings to all", async () => {
      for (const token of [null, stranger.token, carol.token]) {
        const seen = await look(id, token);
        expect(seen.secret).toBe(Buffer.from(api.app.secrets.taskSecret(id)).toString("hex"));
        expect(opened(seen)).toEqual(["SYNTH", "TEST", "TRAIN"]);
        expect(seen.splits.every(({ nonce }) => nonce !== null)).toBe(true);
        expect(seen.datasetSource).not.toBeNull();
        expect(seen.submissions.nodes).toHaveLength(2);
        expect(seen.submissions.nodes.every(({ evaluation }) => evaluation !== null)).toBe(true);
        expect(seen.leaderboard.map(({ rank, miner }) => [rank, miner.id])).toEqual([
          [1, alice.miner.id],
          [null, bob.miner.id],
        ]);
        expect(seen.baseline).toEqual({ testLoss: 3 });
        expect(seen.events.nodes).toHaveLength(1);
      }
    });

    it("gives the rows to owner, operator and assigned miners only", async () => {
      for (const token of [owner.token, operator, alice.token, bob.token]) {
        expect(readable(await look(id, token))).toEqual(["SYNTH", "TEST", "TRAIN"]);
      }
      for (const token of [null, stranger.token, carol.token]) expect(readable(await look(id, token))).toEqual([]);
    });

    it("gives the winning model to owner and operator only", async () => {
      for (const token of [owner.token, operator]) {
        const { result } = await look(id, token);
        expect(result?.submission.id).toBe(entries[0]?.submission.id);
        expect(result?.files.map(({ url }) => new URL(url).pathname)).toEqual([expect.stringMatching(/^\/files\//)]);
      }
      for (const token of [null, stranger.token, alice.token]) expect((await look(id, token)).result).toBeNull();
    });

    it("lets nobody but the miner and the operator download other submissions", async () => {
      const links = async (token: string | null) =>
        (await look(id, token)).submissions.nodes
          .filter(({ files }) => typeof files[0]?.url === "string")
          .map((node) => node.id);
      expect(await links(alice.token)).toEqual([entries[0]?.submission.id]);
      expect(await links(operator)).toHaveLength(2);
      for (const token of [null, owner.token, stranger.token, carol.token]) expect(await links(token)).toEqual([]);
    });

    it("keeps progress and failure messages between miner, owner and operator", async () => {
      const progress = async (token: string | null) =>
        (await look(id, token)).assignments.nodes.map((node) => node.progress !== null);
      expect(await progress(null)).toEqual([false, false]);
      expect((await progress(alice.token)).filter(Boolean)).toHaveLength(1);
      expect(await progress(owner.token)).toEqual([true, true]);
    });
  });

  it("keeps a link's query to owner and operator: who has the signature has the rows", async () => {
    const url = "https://data.example/rows.jsonl";
    const datasetSource = { kind: "url", url: `${url}?signature=secret`, format: "JSONL" };
    const { task } = await aPlayedTask(api.app, { status: "SCORED", customerId: owner.accountId, datasetSource }, []);
    const seen = async (token: string | null) => (await look(task.id, token)).datasetSource;
    for (const token of [owner.token, operator]) expect(await seen(token)).toEqual(datasetSource);
    for (const token of [null, alice.token]) expect(await seen(token)).toEqual({ ...datasetSource, url });
  });

  it("does not give TRAIN to a miner that only accepted, or left before the training", async () => {
    const { task } = await aPlayedTask(api.app, { status: "RECRUITING", trainingStartedAt: null }, [alice]);
    expect(readable(await look(task.id, alice.token))).toEqual([]);
    const early = await aPlayedTask(api.app, { trainingStartedAt: new Date("2026-03-01T11:30:00.000Z") }, [alice]);
    expect(readable(await look(early.task.id, alice.token))).toEqual([]);
  });

  it("shows why a task is blocked to owner and operator only: it may be what a rival sealed", async () => {
    const blocked = { code: "SOURCE_UNREACHABLE", since: "2026-03-01T12:00:00.000Z", message: "rival/model is away" };
    const { task } = await aPlayedTask(api.app, { status: "EVALUATING", customerId: owner.accountId, blocked }, []);
    const QUERY = "query ($id: ID!) { task(id: $id) { blocked { code message } } }";
    const seen = async (token: string | null) =>
      (await api.query<{ task: { blocked: object } }>(QUERY, { token, variables: { id: task.id } })).task.blocked;
    const general = { code: blocked.code, message: "the operator has to see to it" };
    for (const token of [owner.token, operator]) expect(await seen(token)).toMatchObject({ message: blocked.message });
    for (const token of [null, alice.token]) expect(await seen(token)).toEqual(general);
  });

  it("shows the words and the log of a failure to owner and operator only: they may tell of rivals and of the data", async () => {
    const full = { message: "no submission of 2 could be ranked: MALFORMED_MODEL", logTail: "a path" };
    const general = { message: "no submission could be ranked", logTail: null };
    const failure = { ...full, code: "NO_VALID_SUBMISSION", stage: "EVALUATING" } as const;
    const { task } = await aPlayedTask(api.app, { status: "FAILED", customerId: owner.accountId, failure }, []);
    const seen = async (token: string | null) => (await look(task.id, token)).failure;
    for (const token of [owner.token, operator]) expect(await seen(token)).toEqual(full);
    for (const token of [null, stranger.token, alice.token]) expect(await seen(token)).toEqual(general);
  });

  it("leaves no trace of a task whose plugin is not there", async () => {
    const { task } = await aPlayedTask(api.app, { kind: "gone" }, []);
    const query = "query ($id: ID!) { task(id: $id) { id } tasks(first: 100) { nodes { id } } }";
    const seen = await api.query<{ task: unknown; tasks: { nodes: readonly { id: string }[] } }>(query, {
      token: operator,
      variables: { id: task.id },
    });
    expect(seen.task).toBeNull();
    expect(seen.tasks.nodes.map((node) => node.id)).not.toContain(task.id);
  });

  it("tells the viewer who he is", async () => {
    const query =
      "{ viewer { kind account { name } miner { name } notices { nodes { code } } devices { nodes { uuid } } } }";
    const seen = await Promise.all(
      [null, owner.token, alice.token, operator].map((token) => api.query<{ viewer: object }>(query, { token })),
    );
    expect(seen.map(({ viewer }) => viewer)).toEqual([
      { kind: "ANONYMOUS", account: null, miner: null, notices: null, devices: null },
      { kind: "CUSTOMER", account: { name: "owner" }, miner: null, notices: null, devices: null },
      { kind: "MINER", account: null, miner: { name: "alice" }, notices: null, devices: null },
      {
        kind: "OPERATOR",
        account: { name: "Operator" },
        miner: null,
        notices: { nodes: [] },
        devices: { nodes: [{ uuid: "CPU-test-0" }] },
      },
    ]);
  });
});
