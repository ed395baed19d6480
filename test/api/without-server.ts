import type { IncomingMessage } from "node:http";
import { graphql, type ExecutionResult } from "graphql";
import { principalFromToken } from "../../src/core/app/principal-from-token.ts";
import type { App } from "../../src/core/app/index.ts";
import { buildApiSchema, operationContext } from "../../src/schema/index.ts";
import { valueOf } from "../intake/result.ts";

/** What the API answers to whoever has the token, without a server and its limits. */
export async function answerTo(
  app: App,
  token: string | null,
  source: string,
  variableValues: Readonly<Record<string, unknown>> = {},
): Promise<ExecutionResult> {
  const request = { headers: { host: "localhost" }, socket: {} } as IncomingMessage; // all that a context asks of one
  return graphql({
    schema: await buildApiSchema(app.registry.taskTypes.values()),
    source,
    variableValues,
    contextValue: operationContext(app, valueOf(await principalFromToken(app, token)), { request, cache: true }),
  });
}
