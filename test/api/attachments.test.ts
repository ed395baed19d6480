import { Readable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { aCompetitor, aCustomer, anOperator, aPlayedTask, type Competitor, type Customer } from "./a-world.ts";
import { withTestApi } from "./with-test-api.ts";

interface Attachment {
  readonly name: string;
  readonly url: string | null;
}
interface Answer {
  readonly task: {
    readonly submissions: {
      readonly nodes: readonly { readonly evaluation: { readonly attachments: readonly Attachment[] } | null }[];
    };
  };
}

const QUERY = /* GraphQL */ `
  query ($id: ID!) {
    task(id: $id) {
      submissions {
        nodes {
          evaluation {
            attachments {
              name
              mediaType
              bytes
              url
            }
          }
        }
      }
    }
  }
`;

describe("files that show something of an evaluated model", () => {
  const api = withTestApi();
  let owner: Customer;
  let stranger: Customer;
  let assigned: Competitor;
  let unassigned: Competitor;
  let id: string;

  beforeAll(async () => {
    owner = await aCustomer(api.app, "owner");
    stranger = await aCustomer(api.app, "stranger");
    assigned = await aCompetitor(api.app, "assigned");
    unassigned = await aCompetitor(api.app, "unassigned");
    const played = await aPlayedTask(api.app, { status: "SCORED", customerId: owner.accountId }, [assigned]);
    id = played.task.id;
    const { sha256, bytes } = await api.app.artifacts.put(Readable.from([Buffer.from("a sheet")]), { maxBytes: 100 });
    const attachments = [{ name: "sheet.png", mediaType: "image/png", sha256, bytes }];
    await api.app.store.transaction((tx) =>
      tx.update("evaluations", { submissionId: played.entries[0]?.submission.id ?? "" }, { record: { attachments } }),
    );
  });

  const look = async (token: string | null): Promise<readonly Attachment[]> => {
    const { task } = await api.query<Answer>(QUERY, { token, variables: { id } });
    return task.submissions.nodes[0]?.evaluation?.attachments ?? [];
  };

  it("are listed for everybody once the task is scored, with a link for those who may read TEST rows", async () => {
    const tokens = {
      nobody: null,
      owner: owner.token,
      stranger: stranger.token,
      operator: await anOperator(api.app),
      assigned: assigned.token,
      unassigned: unassigned.token,
    };
    const withLink: string[] = [];
    for (const [who, token] of Object.entries(tokens)) {
      const found = await look(token);
      expect(found).toMatchObject([{ name: "sheet.png", mediaType: "image/png", bytes: 7 }]);
      if (found[0]?.url) withLink.push(who);
    }
    expect(withLink).toEqual(["owner", "operator", "assigned"]);
  });

  it("can be downloaded from their link", async () => {
    const [sheet] = await look(owner.token);
    const response = await fetch(sheet?.url ?? "");
    expect([response.status, await response.text()]).toEqual([200, "a sheet"]);
  });
});
