import { readFileSync } from "node:fs";
import { buildSchema, getNamedType, isInterfaceType, isObjectType, type GraphQLNamedType } from "graphql";
import { describe, expect, it } from "vitest";
import { serveDevices } from "../../src/core/app/devices/serve-devices.ts";
import { issueMinerToken } from "../../src/core/app/miners/miner-token.ts";
import { present } from "../../src/sdk/index.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { anyBase, aSealedField, heldRunner } from "../life/a-sealed-field.ts";
import { aCustomer, anOperator } from "./a-world.ts";
import { withTestApi } from "./with-test-api.ts";

/** Every query that there is, with every field that can be reached without meeting a type again. */
function everyQuery(): readonly string[] {
  const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
  const fieldsOf = (type: GraphQLNamedType, above: readonly GraphQLNamedType[]): string => {
    if (!isObjectType(type) && !isInterfaceType(type)) return "";
    const path = [...above, type];
    const fields = Object.values(type.getFields()).flatMap((field) => {
      const next = getNamedType(field.type);
      // A connection's nodes are those of its edges.
      return path.includes(next) || field.name === "edges" ? [] : `${field.name} ${fieldsOf(next, path)}`;
    });
    return `{ ${fields.join(" ")} }`;
  };
  return Object.values(schema.getQueryType()?.getFields() ?? {}).map((field) => {
    const byId = field.args.some(({ name }) => name === "id");
    const [header, given] = byId ? [`query ($${field.name}: ID!)`, `(id: $${field.name})`] : ["query", ""];
    return `${header} { ${field.name}${given} ${fieldsOf(getNamedType(field.type), [])} }`;
  });
}

describe("early evaluation", () => {
  const runner = heldRunner();
  runner.instantly = true;
  const settings = { ...TEST_SETTINGS, evaluation: { ...TEST_SETTINGS.evaluation, early: true } };
  const limits = { maxDepth: 100, maxCost: 1e15, maxTokens: 20_000 };
  const api = withTestApi({ parts: { bases: anyBase, evalRunner: runner, settings }, limits });

  it("changes no field of any query for anybody but the operator", async () => {
    const { app } = api;
    const owner = await aCustomer(app);
    const { task, submissions } = await aSealedField(app, 2, { status: "TRAINING", customerId: owner.accountId });
    const submission = present(submissions[0], "submission");
    const miner = present(await app.store.findOne("miners", { id: submission.minerId }), "miner");
    const operator = await anOperator(app);
    const viewers = [null, owner.token, issueMinerToken(app, miner.hotkey).token];
    const variables = { task: task.id, submission: submission.id, miner: miner.id, weightSet: task.id };
    const queries = everyQuery();
    const seenBy = (token: string | null): Promise<readonly unknown[]> =>
      Promise.all(queries.map((query) => api.query(query, { token, variables })));

    const before = await Promise.all(viewers.map(seenBy));
    const beforeForOperator = await seenBy(operator);
    await serveDevices(app);
    expect(await app.store.count("evaluations", { taskId: task.id, status: "COMPLETED" })).toBe(3);
    expect(await Promise.all(viewers.map(seenBy))).toEqual(before);
    expect(await seenBy(operator)).not.toEqual(beforeForOperator);
  });
});
