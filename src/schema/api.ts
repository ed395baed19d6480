import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import { GraphQLError, OperationTypeNode, type GraphQLSchema } from "graphql";
import type { App } from "../core/app/index.ts";
import { buildApiSchema } from "./build-schema.ts";
import { createComplexity, type Complexity } from "./complexity.ts";
import type { ApiContext } from "./context.ts";
import { createHttpApp } from "./http-app.ts";
import { API_LIMITS, type ApiLimits } from "./limits.ts";
import { createErrorMask, type ErrorMask } from "./mask-error.ts";
import { attachSockets } from "./socket-server.ts";

export interface ApiOptions {
  readonly app: App;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  readonly limits?: Partial<ApiLimits>;
}

/** The API while it listens. */
export interface Api {
  /** For example http://127.0.0.1:4000, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Takes no new work, lets requests finish, asks sockets to come back elsewhere. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 3_000;
const BAD_REQUEST = Object.freeze({ status: 400 });

/** Serves everything on one port: GraphQL over HTTP and WebSocket, uploads, downloads, the landing page, /healthz. */
export async function createApi({ app, host = "127.0.0.1", port = 0, limits: given = {} }: ApiOptions): Promise<Api> {
  const limits = { ...API_LIMITS, ...given };
  const schema = await buildApiSchema(app.registry.taskTypes.values());
  const complexity = createComplexity(limits);
  const mask = createErrorMask(app);
  // Node's own limit of a request would cut large uploads in the middle: what may take how long is in ApiLimits.
  const httpServer = createServer({ requestTimeout: 0, headersTimeout: limits.headersMs });
  const apollo = createApollo({ schema, complexity, mask, limits, plugins: [drain(httpServer)] });
  const sockets = attachSockets({ app, schema, complexity, limits, mask, httpServer });
  await apollo.start();
  httpServer.on("request", createHttpApp({ app, apollo, limits, mask }));
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    httpServer.once("error", reject);
    // Bound to a port it is never a pipe's name.
    httpServer.listen(port, host, () => resolve(httpServer.address() as AddressInfo));
  });
  return {
    url: `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    async stop() {
      await sockets.stop();
      await apollo.stop();
    },
  };
}

const drain = (httpServer: ReturnType<typeof createServer>): ApolloServerPlugin<ApiContext> =>
  ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: STOP_GRACE_MS });

interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly complexity: Complexity;
  readonly mask: ErrorMask;
  readonly limits: ApiLimits;
  readonly plugins: readonly ApolloServerPlugin<ApiContext>[];
}

function createApollo({ schema, complexity, mask, limits, plugins }: ApolloOptions): ApolloServer<ApiContext> {
  return new ApolloServer<ApiContext>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    // The process that calls us handles its own signals.
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: [...complexity.rules],
    formatError: (_formatted, error) => mask(error),
    plugins: [...plugins, ApolloServerPluginLandingPageDisabled(), costPlugin(complexity), ONE_ANSWER],
  });
}

/** The cost depends on variables, so it is looked at for each request and not with the (cached) validation. */
const costPlugin = (complexity: Complexity): ApolloServerPlugin<ApiContext> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, document, request }) => {
      const problem = complexity.costProblem(schema, document, request.variables ?? {});
      // Thrown here, after the validation, Apollo would take it for a mistake of ours.
      if (problem)
        throw new GraphQLError(problem.message, { extensions: { ...problem.extensions, http: BAD_REQUEST } });
    },
  }),
});

/** Over HTTP there is one answer to an operation, and a subscription would end in an error of ours. */
const ONE_ANSWER: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      const message = "expected a query or a mutation, found a subscription: send it over a WebSocket to this address";
      throw new GraphQLError(message, { extensions: { code: "BAD_REQUEST", http: BAD_REQUEST } });
    },
  }),
};
