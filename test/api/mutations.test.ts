import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { aKey } from "../intake/a-miner.ts";
import { aModel, announce } from "../intake/an-upload.ts";
import { TINY_BASE, tinyBases } from "../intake/tiny-base.ts";
import { aCompetitor, aCustomer, anOperator, aPlayedTask, type Customer } from "./a-world.ts";
import { anAssignment, anOffer, aTask } from "./rows.ts";
import { withTestApi } from "./with-test-api.ts";

interface UserError {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}
type Payload = Readonly<Record<string, unknown>> & { readonly userErrors: readonly UserError[] };

describe("mutations", () => {
  const api = withTestApi({ parts: { bases: tinyBases } });
  let operator: string;
  let customer: Customer;

  beforeAll(async () => {
    operator = await anOperator(api.app);
    customer = await aCustomer(api.app);
  });

  /** One mutation with one input; the fields beside userErrors are the test's. */
  async function mutate(
    name: string,
    input: object | null,
    fields: string,
    token: string | null = null,
  ): Promise<Payload> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const inner = `{ ${fields} userErrors { code message path } }`;
    const query =
      input === null
        ? `mutation { ${name} ${inner} }`
        : `mutation ($input: ${type}!) { ${name}(input: $input) ${inner} }`;
    const data = await api.query<Readonly<Record<string, Payload>>>(query, {
      token,
      variables: input === null ? {} : { input },
    });
    const payload = data[name];
    if (!payload) throw new Error(`no payload of ${name}`);
    return payload;
  }
  const rows = Array.from({ length: 40 }, (_, index) => ({
    question: `what is ${index} + 1?`,
    answer: String(index + 1),
  }));
  const aPost = (given: object = {}) => ({
    idempotencyKey: randomUUID(),
    title: "sums",
    baseModel: { repo: TINY_BASE.repo },
    dataset: { rows },
    budgetSeconds: 600,
    spec: { columns: { instruction: "question", output: "answer", input: null } },
    ...given,
  });
  const post = (given: object = {}, token: string | null = customer.token) =>
    mutate(
      "createInstructTask",
      aPost(given),
      "task { __typename id status origin spec { columns { instruction input } promptTemplate } }",
      token,
    );

  it("post a task with the type's own spec, its defaults filled in", async () => {
    const { task, userErrors } = await post();
    expect(userErrors).toEqual([]);
    expect(task).toMatchObject({
      __typename: "InstructTask",
      status: "QUEUED",
      origin: "ORGANIC",
      spec: {
        columns: { instruction: "question", input: null },
        promptTemplate: expect.stringContaining("{instruction}"),
      },
    });
  });

  it.each([
    ["an unknown base", { baseModel: { repo: "no/such" } }, "UNKNOWN_BASE_MODEL", ["input", "baseModel"]],
    ["a budget out of bounds", { budgetSeconds: 1_000_000 }, "BUDGET_OUT_OF_BOUNDS", ["input", "budgetSeconds"]],
    ["an empty title", { title: "  " }, "INVALID_INPUT", ["input", "title"]],
    ["a title that moves a terminal's cursor", { title: "\u001b[2J" }, "INVALID_INPUT", ["input", "title"]],
    ["a title with half a character", { title: "\ud83d" }, "INVALID_INPUT", ["input", "title"]],
    ["two datasets", { dataset: { rows, url: "https://example.org/a.csv" } }, "INVALID_INPUT", ["input", "dataset"]],
    ["no dataset", { dataset: {} }, "INVALID_INPUT", ["input", "dataset"]],
    [
      "a dataset that is not https",
      { dataset: { url: "http://example.org/a.csv" } },
      "INVALID_INPUT",
      ["input", "dataset", "url"],
    ],
    [
      "columns that no row has",
      { spec: { columns: { instruction: "nope", output: "answer" } } },
      "DATASET_COLUMN_MISSING",
      expect.any(Array),
    ],
    ["an operator's origin", { origin: "BENCHMARK" }, "FORBIDDEN", ["input", "origin"]],
    [
      "the same column twice",
      { spec: { columns: { instruction: "answer", output: "answer" } } },
      "INVALID_INPUT",
      ["input", "spec", "columns", "output"],
    ],
  ])("refuse %s with a code and the place", async (_what, given, code, path) => {
    const { task, userErrors } = await post(given);
    expect(task).toBeNull();
    expect(userErrors).toEqual([{ code, message: expect.any(String), path }]);
  });

  it("refuse rows and reward parameters that are nested without end, in variables and in the query", async () => {
    const nested = `${"[".repeat(1_000)}${"]".repeat(1_000)}`;
    const asVariable = await api.post(
      "mutation ($input: CreateInstructTaskInput!) { createInstructTask(input: $input) { task { id } } }",
      {
        token: customer.token,
        variables: { input: aPost({ dataset: { rows: [{ question: JSON.parse(nested), answer: "" }] } }) },
      },
    );
    expect([asVariable.status, asVariable.errors.map(({ extensions }) => extensions.code)]).toEqual([
      400,
      ["BAD_USER_INPUT"],
    ]);
    expect(asVariable.errors[0]?.message).toContain("at most 64 levels");
    const written = `mutation { createInstructTask(input: { dataset: { rows: [{ question: ${nested} }] } }) { task { id } } }`;
    const inQuery = await api.post(written, { token: customer.token });
    expect(inQuery.errors.map(({ message }) => message)).toContainEqual(expect.stringContaining("at most 64 levels"));
  });

  it("refuse a task of somebody without a key", async () => {
    const { token } = await aCompetitor(api.app);
    for (const who of [null, token]) expect((await post({}, who)).userErrors).toHaveLength(1);
  });

  it("answer the same call again with the same task, and another one as a conflict", async () => {
    const input = aPost();
    const fields = "task { id }";
    const first = await mutate("createInstructTask", input, fields, customer.token);
    expect(await mutate("createInstructTask", input, fields, customer.token)).toEqual(first);
    const other = await mutate("createInstructTask", { ...input, title: "other" }, fields, customer.token);
    expect(other.userErrors.map(({ code }) => code)).toEqual(["IDEMPOTENCY_CONFLICT"]);
  });

  it("cancel an own task and nobody else's", async () => {
    const { task } = await aPlayedTask(api.app, { customerId: customer.accountId }, []);
    const stranger = await aCustomer(api.app);
    const input = { taskId: task.id };
    expect((await mutate("cancelTask", input, "task { id }", stranger.token)).userErrors[0]?.code).toBe("NOT_FOUND");
    expect((await mutate("cancelTask", { taskId: "nonsense" }, "task { id }", customer.token)).userErrors).toEqual([
      { code: "INVALID_INPUT", message: expect.any(String), path: ["input", "taskId"] },
    ]);
    expect(await mutate("cancelTask", input, "task { status failure { code } }", customer.token)).toEqual({
      task: { status: "CANCELLED", failure: { code: "CANCELLED" } },
      userErrors: [],
    });
  });

  it("keep the operator's for the operator", async () => {
    const { task } = await aPlayedTask(api.app, { customerId: customer.accountId }, []);
    const { miner } = await aCompetitor(api.app);
    const cases = [
      ["failTask", { taskId: task.id, message: "no" }, "task { id }"],
      ["retryEvaluation", { taskId: task.id }, "task { id }"],
      ["suspendMiner", { minerId: miner.id, suspended: true }, "miner { id }"],
      ["createAccount", { idempotencyKey: "x", name: "x", kind: "CUSTOMER" }, "account { id }"],
    ] as const;
    for (const [name, input, fields] of cases) {
      expect([name, (await mutate(name, input, fields, customer.token)).userErrors[0]?.code]).toEqual([
        name,
        "FORBIDDEN",
      ]);
    }
    expect((await mutate("failTask", { taskId: task.id, message: "no" }, "task { status }", operator)).task).toEqual({
      status: "FAILED",
    });
  });

  it("make an account, a key for it, and end the key", async () => {
    const account = await mutate(
      "createAccount",
      { idempotencyKey: randomUUID(), name: "Ada", kind: "CUSTOMER" },
      "account { id kind name }",
      operator,
    );
    expect(account).toMatchObject({ account: { kind: "CUSTOMER", name: "Ada" } });
    const { id: accountId } = account["account"] as { id: string };
    const key = { idempotencyKey: randomUUID(), accountId, label: "laptop", scopes: ["tasks:read"] };
    const made = await mutate("createApiKey", key, "secret apiKey { id prefix scopes }", operator);
    const secret = made["secret"] as string;
    expect(await api.query("{ viewer { account { name } } }", { token: secret })).toEqual({
      viewer: { account: { name: "Ada" } },
    });
    const { id: apiKeyId, prefix } = made["apiKey"] as { id: string; prefix: string };

    const keysSeenBy = async (token: string) => {
      const query = "{ viewer { apiKeys(first: 100) { nodes { id accountId prefix } } } }";
      const { viewer } = await api.query<{ viewer: { apiKeys: { nodes: readonly object[] } | null } }>(query, {
        token,
      });
      return viewer.apiKeys?.nodes;
    };
    expect(await keysSeenBy(operator)).toContainEqual({ id: apiKeyId, accountId, prefix });
    expect(await keysSeenBy(secret)).toBeUndefined();
    const scopes = ["keys:write"];
    const writer = await mutate("createApiKey", { ...key, idempotencyKey: randomUUID(), scopes }, "secret", operator);
    const own = await keysSeenBy(writer["secret"] as string);
    expect(own).toHaveLength(2);
    expect(own).toContainEqual({ id: apiKeyId, accountId, prefix });

    await mutate("revokeApiKey", { apiKeyId }, "apiKey { revokedAt }", operator);
    expect((await api.post("{ viewer { kind } }", { token: secret })).status).toBe(401);
  });

  it("bring a miner from a hotkey to a sealed model", async () => {
    const key = aKey();
    const asked = await mutate("requestChallenge", { hotkey: key.hotkey }, "challenge { id message }");
    const { id: challengeId, message } = asked["challenge"] as { id: string; message: string };
    const signature = key.sign(message);
    const signedIn = await mutate("authenticate", { challengeId, hotkey: key.hotkey, signature }, "token miner { id }");
    expect(signedIn["miner"]).toBeNull();
    const token = signedIn["token"] as string;
    const capacity = { taskTypes: ["instruct"], maxParameterCount: 1e9, slots: 1 };
    const registered = await mutate(
      "registerMiner",
      { idempotencyKey: randomUUID(), name: "Mo", ...capacity },
      "miner { id online }",
      token,
    );
    expect(registered["miner"]).toMatchObject({ online: true });
    const { id: minerId } = registered["miner"] as { id: string };

    const task = aTask({ deadline: new Date(api.clock.now().getTime() + 600_000) });
    const offer = anOffer({ taskId: task.id, minerId });
    const assignment = anAssignment({ taskId: task.id, minerId, offerId: offer.id, status: "ACTIVE", endedAt: null });
    await api.app.store.transaction(async (tx) => {
      await tx.insert("tasks", task);
      await tx.insert("offers", offer);
      await tx.insert("assignments", assignment);
    });
    const beat = { assignmentId: assignment.id, phase: "train", step: 1, steps: 2, loss: 3.5 };
    expect((await mutate("heartbeat", beat, "at", token)).userErrors).toEqual([]);
    const other = await aCompetitor(api.app);
    expect((await mutate("heartbeat", beat, "at", other.token)).userErrors[0]?.code).toBe("NOT_FOUND");

    const model = aModel();
    const files = announce(model);
    const announced = await mutate(
      "createUpload",
      { idempotencyKey: randomUUID(), assignmentId: assignment.id, files },
      "upload { id files { path url received } }",
      token,
    );
    const upload = announced["upload"] as { id: string; files: readonly { path: string; url: string }[] };
    for (const { path, url } of upload.files) {
      const bytes = model[path] ?? Buffer.alloc(0);
      // Broken off after half of it, then resumed by the offset that HEAD tells.
      const half = Math.floor(bytes.length / 2);
      await fetch(url, {
        method: "PUT",
        headers: { "upload-offset": "0" },
        body: new Uint8Array(bytes.subarray(0, half)),
      });
      const offset = Number((await fetch(url, { method: "HEAD" })).headers.get("upload-offset"));
      expect(offset).toBe(half);
      const rest = await fetch(url, {
        method: "PUT",
        headers: { "upload-offset": String(offset) },
        body: new Uint8Array(bytes.subarray(offset)),
      });
      expect([path, rest.status]).toEqual([path, 204]);
    }
    expect(
      await mutate("completeUpload", { uploadId: upload.id }, "upload { status files { received } }", token),
    ).toMatchObject({
      upload: { status: "COMPLETE", files: files.map(({ bytes }) => ({ received: bytes })) },
    });
    const fetched = {
      idempotencyKey: randomUUID(),
      assignmentId: assignment.id,
      source: { huggingFace: { repo: "mo/model", commit: "a".repeat(40) } },
      artifactKind: "FULL",
      final: false,
    };
    const shown = "submission { source { kind repo commit } manifestDigest files { path } staticVerdict { status } }";
    expect(await mutate("sealSubmission", fetched, shown, token)).toEqual({
      submission: {
        source: { kind: "HUGGING_FACE", repo: "mo/model", commit: "a".repeat(40) },
        manifestDigest: null,
        files: [],
        staticVerdict: { status: "PENDING" },
      },
      userErrors: [],
    });
    const moving = { ...fetched, source: { huggingFace: { repo: "mo/model", commit: "main" } } };
    expect((await mutate("sealSubmission", moving, shown, token)).userErrors).toMatchObject([
      { code: "INVALID_INPUT", path: ["input", "source", "huggingFace", "commit"] },
    ]);
    const seal = {
      idempotencyKey: randomUUID(),
      uploadId: upload.id,
      artifactKind: "FULL",
      final: true,
      strategy: "by hand",
    };
    expect(
      await mutate(
        "sealSubmission",
        seal,
        "submission { ordinal final strategy evaluation { id } task { id } miner { name } }",
        token,
      ),
    ).toEqual({
      submission: {
        ordinal: 2,
        final: true,
        strategy: "by hand",
        evaluation: null,
        task: { id: task.id },
        miner: { name: "Mo" },
      },
      userErrors: [],
    });
    const again = await mutate("sealSubmission", { ...seal, idempotencyKey: randomUUID() }, "submission { id }", token);
    expect(again.userErrors).toHaveLength(1);
  });

  it("renew a token", async () => {
    const { token } = await aCompetitor(api.app);
    const renewed = await mutate("refreshToken", null, "token expiresAt", token);
    expect(await api.query("{ viewer { kind } }", { token: renewed["token"] as string })).toEqual({
      viewer: { kind: "MINER" },
    });
    expect((await mutate("refreshToken", null, "token")).userErrors[0]?.code).toBe("UNAUTHENTICATED");
  });
});
