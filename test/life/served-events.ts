import type { IncomingMessage } from "node:http";
import { subscribe } from "graphql";
import type { App, Principal } from "../../src/core/app/index.ts";
import { buildApiSchema, operationContext } from "../../src/schema/index.ts";
import { MinerEventsDocument } from "../../src/sdk/generated/graphql.ts";

/** All of a miner's events so far (at least one), as the API gives them to its client. One that it can't give fails the test. */
export async function servedEvents(app: App, miner: Principal & { readonly minerId: string }) {
  const stored = await app.store.count("minerEvents", { minerId: miner.minerId });
  const request = { headers: { host: "localhost" }, socket: {} } as IncomingMessage; // all that a context asks of one
  const answers = await subscribe({
    schema: await buildApiSchema(app.registry.taskTypes.values()),
    document: MinerEventsDocument,
    contextValue: operationContext(app, miner, { request, cache: false }),
  });
  if (!(Symbol.asyncIterator in answers)) throw new Error(JSON.stringify(answers.errors));
  const events: unknown[] = [];
  for await (const { data, errors } of answers) {
    if (errors) throw new Error(JSON.stringify(errors));
    events.push(data?.["minerEvents"]);
    if (events.length === stored) break;
  }
  return events;
}
