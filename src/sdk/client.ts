import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print, type FormattedExecutionResult } from "graphql";
import { EventEmitter, on } from "node:events";
import { withRetries, type Backoff, DEFAULT_BACKOFF } from "./backoff.ts";
import { ConnectionError, RequestError, throwUserErrors, toRequestError } from "./errors.ts";
import { httpRequest } from "./http-request.ts";
import { subscriptionSocket, toSocketError } from "./subscription-socket.ts";

export interface ClientOptions {
  /** Where the server is, for example `http://localhost:4000`. */
  readonly url: string;
  /** A miner's short-lived token. */
  readonly token?: string | undefined;
  /** A customer's or operator's key. */
  readonly apiKey?: string | undefined;
  /** Called when a request's token is refused: sets a new one, with which the request is made once more. */
  readonly renewToken?: () => Promise<unknown>;
  /** How often a request is repeated when the server cannot be reached (default 2). */
  readonly retries?: number;
  readonly backoff?: Backoff;
  readonly fetch?: typeof fetch;
  /** Default: the runtime's own WebSocket. */
  readonly webSocketImpl?: unknown;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

interface RequestOptions extends CallOptions {
  /** Without the token: a server answers nothing to one that has expired, not even how to get another. */
  readonly anonymous?: boolean;
}

/** The public API as typed calls: queries and mutations over HTTP, subscriptions over one WebSocket. */
export interface GradientsClient extends AsyncDisposable {
  /** The server's address without a path. */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** The token or API key in use, for new requests and for the next connection. */
  setToken(token: string): void;
  /** @throws UserError, RequestError, ConnectionError */
  request<Result, Variables>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result>;
  /** A query or mutation over the socket that subscriptions use. @throws UserError, RequestError, ConnectionError */
  requestOverSocket<Result, Variables>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
    options?: CallOptions,
  ): Promise<Result>;
  /** Ends without an error when the server completes it or the signal aborts. @throws RequestError, ConnectionError */
  subscribe<Result, Variables>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
    options?: CallOptions,
  ): AsyncGenerator<Result, void, void>;
}

/** Opens a client; nothing is sent before the first call. */
export function createClient(options: ClientOptions): GradientsClient {
  const base = new URL(options.url);
  const httpUrl = new URL("/graphql", base).href;
  const socketUrl = httpUrl.replace(/^http/, "ws");
  const fetchImpl = options.fetch ?? globalThis.fetch;
  const { retries = 2, backoff = DEFAULT_BACKOFF } = options;
  let token = options.token ?? options.apiKey ?? null;
  const socket = subscriptionSocket(socketUrl, () => token, options.webSocketImpl ?? globalThis.WebSocket);

  let renewal: Promise<void> | undefined;
  const renew = async (renewToken: () => Promise<unknown>): Promise<void> => {
    try {
      await renewToken();
    } finally {
      renewal = undefined;
    }
  };

  async function* subscribe<Result, Variables>(
    document: TypedDocumentNode<Result, Variables>,
    variables: Variables,
    { signal }: CallOptions = {},
  ): AsyncGenerator<Result, void, void> {
    const aborted = (): boolean => signal?.aborted === true;
    if (aborted()) return;
    const sink = new EventEmitter();
    // The socket may break after nobody listens any more.
    sink.on("error", () => undefined);
    const release = socket.subscribe<Result>(
      { query: print(document), variables: toVariables(variables) },
      {
        next: (result) => sink.emit("next", result),
        error: (problem) => sink.emit("error", problem),
        complete: () => sink.emit("complete"),
      },
    );
    try {
      const results = on(sink, "next", { close: ["complete"], ...(signal === undefined ? {} : { signal }) });
      // What is emitted above.
      for await (const [result] of results as AsyncIterable<[FormattedExecutionResult<Result>]>) {
        // Results that came before the abort are still in line.
        if (aborted()) return;
        if (result.errors !== undefined && result.errors.length > 0) throw toRequestError(result.errors);
        if (result.data !== undefined && result.data !== null) yield result.data;
      }
    } catch (thrown) {
      if (!aborted()) throw toSocketError(thrown);
    } finally {
      release();
    }
  }

  return {
    url: base.origin,
    fetch: fetchImpl,
    setToken: (next) => {
      token = next;
    },
    request: async <Result, Variables>(
      document: TypedDocumentNode<Result, Variables>,
      variables: Variables,
      { signal, anonymous = false }: RequestOptions = {},
    ) => {
      const query = print(document);
      const sentWith = token;
      const send = (): Promise<unknown> =>
        withRetries(
          () =>
            httpRequest({ url: httpUrl, query, variables, token: anonymous ? null : token, fetch: fetchImpl, signal }),
          { retries, backoff, signal },
        );
      const data = await send().catch(async (error: unknown) => {
        const refused = error instanceof RequestError && error.code === "UNAUTHENTICATED";
        if (!refused || anonymous || options.renewToken === undefined) throw error;
        // Those that were refused together take one new token.
        if (token === sentWith) await (renewal ??= renew(options.renewToken));
        return send();
      });
      throwUserErrors(data);
      // The document's type says what the server's schema promises for this query.
      return data as Result;
    },
    requestOverSocket: async (document, variables, call) => {
      for await (const data of subscribe(document, variables, call)) {
        throwUserErrors(data);
        return data;
      }
      throw new ConnectionError("The socket was closed before the answer came.");
    },
    subscribe,
    // Its subscriptions have ended; a connection that is still being made is not waited for.
    [Symbol.asyncDispose]: () => {
      socket.terminate();
      return Promise.resolve();
    },
  };
}

/** Typed variables are plain objects: the cast only drops their names. */
const toVariables = (variables: unknown): Record<string, unknown> => ({ ...(variables as Record<string, unknown>) });
