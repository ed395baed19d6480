import { randomUUID } from "node:crypto";
import { createTask } from "../../src/core/app/index.ts";
import { instruct } from "../../src/plugins/instruct/index.ts";
import { aCustomer, someRows } from "../life/a-market.ts";
import { NOTHING_REFUSED, type Arena, type Outcome } from "./an-arena.ts";
import { endingAt, type Attack } from "./attack.ts";
import { TINY_BASE } from "../intake/tiny-base.ts";

const template = (promptTemplate: string) => post({ spec: { promptTemplate } });

function post(given: { readonly spec?: Record<string, unknown>; readonly dataset?: unknown }): Attack["run"] {
  return async ({ app }: Arena): Promise<Outcome> => {
    const created = await createTask(app, await aCustomer(app), {
      kind: "instruct",
      idempotencyKey: randomUUID(),
      title: "a task",
      baseModel: { repo: TINY_BASE.repo, revision: null },
      dataset: { rows: someRows(40) },
      budgetSeconds: 600,
      spec: {},
      origin: null,
      ...given,
    });
    return created.ok
      ? NOTHING_REFUSED("createTask")
      : { stage: "createTask", code: created.error.code, blamed: "CUSTOMER" };
  };
}

/** What customers may try; what reward functions may try is in test/sandbox. */
export const CUSTOMER_ATTACKS = [
  ...endingAt(
    { stage: "createTask", code: "INVALID_INPUT", blamed: "CUSTOMER" },
    {
      "a prompt template that reaches for the language behind it": template("{instruction} {constructor}"),
      "a prompt template that reaches for the answer": template("{instruction} {output}"),
      "a dataset from the server's own disk": post({ dataset: { url: "file:///etc/passwd", format: "JSONL" } }),
      "a dataset that is a path in a repository": post({
        dataset: { huggingFace: { repo: "a/b", revision: "a".repeat(40), path: "../../x.json" } },
      }),
    },
  ),
  ...endingAt(
    { stage: "rendering", code: "NOTHING", blamed: "NOBODY" },
    {
      "a row that holds a template's placeholders": async () => {
        const row = { instruction: "{output} {input} {{7*7}} ${7*7}", input: "", output: "secret", system: "" };
        const spec = instruct.spec.parse({});
        const rendered = JSON.stringify(instruct.render(row, spec));
        if (!rendered.includes("{output} {input} {{7*7}} ${7*7}")) throw new Error(`it was filled in: ${rendered}`);
        return NOTHING_REFUSED("rendering");
      },
    },
  ),
];
