import { afterAll, describe, expect, it } from "vitest";
import { advanceTask, createTask, ensureOperator, principalFromToken, type App } from "../../src/core/app/index.ts";
import { InfrastructureError } from "../../src/core/contract/index.ts";
import { ok } from "../../src/core/domain/index.ts";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { templateSynthesizer } from "../../src/plugins/template-synthesizer/index.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { failure, valueOf } from "../intake/result.ts";
import { aCustomer, aTaskInput, postTask, shippedBases, someRows, taskNow } from "./a-market.ts";

const OPERATOR_KEY = "gr_operator_0123456789abcdef";
const host = await createTestHost();
const synthesizer = templateSynthesizer.create(templateSynthesizer.options.parse({}), host);
afterAll(() => host[Symbol.asyncDispose]());
const settings = { ...TEST_SETTINGS, dataset: { ...TEST_SETTINGS.dataset, allowWithoutSynth: false } };
const test = withTestApp({ parts: { bases: shippedBases, synthesizer, settings } });

async function linesOf(app: App, taskId: string, split: "TRAIN" | "TEST" | "SYNTH"): Promise<readonly string[]> {
  const record = await app.store.findOne("datasetSplits", { taskId, split });
  const stream = await app.artifacts.open(record?.sha256 ?? "");
  if (stream === null) throw new Error(`the split ${split} is not stored`);
  return Buffer.concat(await stream.toArray())
    .toString("utf8")
    .trim()
    .split("\n");
}

describe("preparing a dataset", () => {
  it("splits the rows, rewrites TEST rows only, and commits to what nobody may see yet", async () => {
    const { app } = test;
    const { id } = await postTask(app, { dataset: { rows: someRows(40) } });
    await advanceTask(app, id);
    const [train, testRows, synth] = await Promise.all(
      (["TRAIN", "TEST", "SYNTH"] as const).map((split) => linesOf(app, id, split)),
    );
    expect([train?.length, testRows?.length, synth?.length]).toEqual([36, 4, 40]);
    expect(new Set([...(train ?? []), ...(testRows ?? [])]).size).toBe(40);
    const answers = new Set((testRows ?? []).map((line) => /cosa \d+/.exec(line)?.[0]));
    for (const line of synth ?? []) expect(answers).toContain(/cosa \d+/.exec(line)?.[0]);
    expect(new Set(synth).size).toBe(40);
    for (const { sha256, nonce, commitment } of await app.store.find("datasetSplits", { taskId: id })) {
      expect(commitment).toBe(app.secrets.sha256(nonce + sha256));
    }
    expect(await taskNow(app, id)).toMatchObject({
      datasetRows: 40,
      synthMethod: "template",
      status: expect.not.stringMatching("FAILED"),
    });
  });

  it("keeps copies of a TEST row out of TRAIN and reports how many", async () => {
    const { app } = test;
    const copies = someRows(30).flatMap((row) => [row, { ...row, output: ` ${row.output} ` }]);
    const { id } = await postTask(app, { dataset: { rows: copies } });
    await advanceTask(app, id);
    const answer = (line: string) => /cosa \d+/.exec(line)?.[0];
    const held = new Set((await linesOf(app, id, "TEST")).map(answer));
    expect(held.size).toBe(6);
    for (const line of await linesOf(app, id, "TRAIN")) expect(held).not.toContain(answer(line));
    expect(await taskNow(app, id)).toMatchObject({ duplicatesRemoved: 6 });
  });

  it.each([
    ["too few rows", someRows(9), "found 9 among 9"],
    ["only copies of one row", Array.from({ length: 50 }, () => someRows(1)[0]), "found 1 among 50"],
  ])("fails a task with %s, with the numbers", async (_name, rows, numbers) => {
    const { app } = test;
    const { id } = await postTask(app, { dataset: { rows } });
    await advanceTask(app, id);
    const task = await taskNow(app, id);
    expect(task).toMatchObject({ status: "FAILED", failure: { code: "PREPARATION_FAILED", stage: "PREPARING" } });
    expect(task.failure?.message).toContain(numbers);
  });

  it("fails a task whose rows the synthesizer can't rewrite, unless the operator allows it", async () => {
    const { app } = test;
    const rows = Array.from({ length: 20 }, (_, index) => ({
      instruction: `no template says this ${index}`,
      output: "x",
    }));
    const { id } = await postTask(app, { dataset: { rows } });
    await advanceTask(app, id);
    expect((await taskNow(app, id)).failure?.message).toContain("needs 20 synthetic rows, 0 could be made");
    const generous = { ...app, settings: { ...settings, dataset: { ...settings.dataset, allowWithoutSynth: true } } };
    const allowed = await postTask(app, { dataset: { rows } });
    await advanceTask(generous, allowed.id);
    expect(await taskNow(app, allowed.id)).toMatchObject({ failure: null, synthMethod: null });
    expect(await app.store.find("notices", { taskId: allowed.id })).toMatchObject([{ code: "SYNTH_INCOMPLETE" }]);
  });

  it("refuses at once what can be seen at once, naming the row, the field and the rule", async () => {
    const { app } = test;
    const customer = await aCustomer(app);
    const create = (given: Parameters<typeof aTaskInput>[0]) => createTask(app, customer, aTaskInput(given));
    const wrongColumn = await create({ dataset: { rows: [{ question: "a", output: "b" }] } });
    expect(wrongColumn).toEqual(failure("DATASET_COLUMN_MISSING"));
    expect(!wrongColumn.ok && wrongColumn.error.message).toContain('"instruction"');
    const emptyRow = await create({ dataset: { rows: [...someRows(20), { instruction: "a", output: "" }] } });
    expect(emptyRow).toEqual(failure("DATASET_ROW_INVALID"));
    expect(!emptyRow.ok && emptyRow.error.message).toMatch(/row 21: output/);
    expect(await create({ baseModel: { repo: "nobody/nothing", revision: null } })).toEqual(
      failure("UNKNOWN_BASE_MODEL"),
    );
    expect(await create({ budgetSeconds: 1e6 })).toEqual(failure("BUDGET_OUT_OF_BOUNDS"));
    expect(await create({ kind: "sorcery" })).toEqual(failure("UNKNOWN_TASK_TYPE"));
    expect(await create({ origin: "SYNTHETIC" })).toEqual(failure("FORBIDDEN"));
    expect(await create({ spec: { columns: { instruction: 3 } } })).toEqual(failure("INVALID_INPUT"));
    expect(await create({ dataset: { rows: [], url: "https://a.example/b.json" } })).toEqual(failure("INVALID_INPUT"));
    const deep: unknown = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    const tooDeep = await create({ dataset: { rows: [...someRows(20), { instruction: deep, output: "a" }] } });
    expect(!tooDeep.ok && tooDeep.error).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("nests deeper"),
      path: ["input", "dataset", "rows", "20"],
    });
    const secret = { url: "https://me:word@a.example/b.json" };
    expect(await create({ dataset: secret })).toMatchObject({
      error: { code: "INVALID_INPUT", path: ["input", "dataset", "url"] },
    });
    expect(await create({ spec: { promptTemplate: "{instruction}\0\n{input}" } })).toMatchObject({
      error: { code: "INVALID_INPUT", path: ["input", "spec", "promptTemplate"] },
    });
    const branch = { huggingFace: { repo: "a/b", revision: "main", path: "rows.jsonl" } };
    expect(await create({ dataset: branch })).toMatchObject({
      error: { code: "INVALID_INPUT", path: ["input", "dataset", "huggingFace", "revision"] },
    });
    expect(await app.store.count("tasks", { customerId: customer.accountId })).toBe(0);
  });

  it("answers a repeated creation with the same task, and another body with a conflict", async () => {
    const { app } = test;
    const customer = await aCustomer(app);
    const input = aTaskInput();
    const first = valueOf(await createTask(app, customer, input));
    expect(valueOf(await createTask(app, customer, input)).id).toBe(first.id);
    expect(await createTask(app, customer, { ...input, title: "another" })).toEqual(failure("IDEMPOTENCY_CONFLICT"));
    expect(await app.store.count("tasks", { customerId: customer.accountId })).toBe(1);
  });

  it("is in the audit log where the operator posted it", async () => {
    const { app } = test;
    await ensureOperator(app, OPERATOR_KEY);
    const operator = valueOf(await principalFromToken(app, OPERATOR_KEY));
    const { id } = valueOf(await createTask(app, operator, aTaskInput({ origin: "BENCHMARK" })));
    await postTask(app);
    expect(await app.store.find("auditLog", {})).toMatchObject([
      { action: "createTask", data: { taskId: id, origin: "BENCHMARK" } },
    ]);
  });
});

describe("a dataset's server that is away", () => {
  const away = (failures: number) => {
    let calls = 0;
    const rows = Buffer.from(JSON.stringify(someRows(40)));
    const download: App["download"] = async () => {
      calls += 1;
      if (calls > failures) return ok(rows);
      throw new InfrastructureError("DATASET_UNREACHABLE", "expected the answer 200, found 503");
    };
    return { ...test.app, download };
  };
  const dataset = { url: "https://data.example/rows.json" };

  it("is asked again after a while, and the task goes on", async () => {
    const app = away(2);
    const { id } = await postTask(app, { dataset });
    for (const waitMs of [5_000, 10_000]) {
      await advanceTask(app, id);
      expect(await taskNow(app, id)).toMatchObject({ status: "PREPARING", blocked: null });
      await advanceTask(app, id);
      expect((await taskNow(app, id)).dueAt).toEqual(new Date(test.clock.now().getTime() + waitMs));
      test.clock.advance(waitMs);
    }
    await advanceTask(app, id);
    expect(await taskNow(app, id)).toMatchObject({ datasetRows: 40, infrastructureFailures: 0 });
  });

  it("fails the task in the end: the operator could not mend it", async () => {
    const app = away(3);
    const { id } = await postTask(app, { dataset });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await advanceTask(app, id);
      test.clock.advance(60_000);
    }
    expect(await taskNow(app, id)).toMatchObject({
      status: "FAILED",
      failure: { code: "PREPARATION_FAILED", message: expect.stringContaining("found 503, 3 times") },
    });
  });
});
