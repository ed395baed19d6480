import { expect, it } from "vitest";
import { recordEvent } from "../../src/core/app/tasks/transition.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { aCompetitor, aCustomer, anOperator, aPlayedTask } from "./a-world.ts";
import { answerTo } from "./without-server.ts";

const EVENTS =
  "query ($id: ID!) { task(id: $id) { events(first: 2) { nodes { id type data } edges { node { data } } } } }";

it("a task's events tell the words of a fault to owner and operator only: they may hold an evaluator's log", async () => {
  await using test = await createTestApp();
  const { app } = test;
  const [owner, rival] = [await aCustomer(app), await aCompetitor(app)];
  const { task } = await aPlayedTask(app, { status: "SCORED", customerId: owner.accountId }, []);
  const general = { stage: "EVALUATING", code: "EVALUATOR_PROTOCOL", failures: 1 };
  const data = { ...general, message: "a row of TEST" };
  await app.store.transaction((tx) =>
    recordEvent(app, tx, task.id, "infrastructureFailed", { actor: "scheduler", data }),
  );
  for (const [token, expected] of [
    [owner.token, data],
    [await anOperator(app), data],
    [null, general],
    [rival.token, general],
  ] as const) {
    expect(await answerTo(app, token, EVENTS, { id: task.id })).toEqual({
      data: {
        task: {
          events: {
            nodes: [expect.anything(), { id: expect.any(String), type: "infrastructureFailed", data: expected }],
            edges: [expect.anything(), { node: { data: expected } }],
          },
        },
      },
    });
  }
});
