import { createClient, type Client } from "graphql-ws/client";
import { ConnectionError, RequestError, toRequestError } from "./errors.ts";

/** A server that has not answered a ping within this time is taken to be gone. */
const PONG_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 20_000;
/** Close codes by which a server refuses the connection's token. */
const UNAUTHENTICATED_CLOSE_CODES: ReadonlySet<number> = new Set([4401, 4403]);

/** A graphql-ws client that opens its socket with the first subscription and closes it after the last; it never reconnects by itself. */
export function subscriptionSocket(url: string, token: () => string | null, webSocketImpl: unknown): Client {
  let pongTimer: NodeJS.Timeout | undefined;
  const client = createClient({
    url,
    webSocketImpl,
    lazy: true,
    retryAttempts: 0,
    keepAlive: KEEP_ALIVE_MS,
    connectionParams: () => {
      const current = token();
      return current === null ? {} : { authorization: `Bearer ${current}` };
    },
    on: {
      ping: (received) => {
        if (received) return;
        clearTimeout(pongTimer);
        pongTimer = setTimeout(() => client.terminate(), PONG_TIMEOUT_MS);
        pongTimer.unref();
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
      closed: () => clearTimeout(pongTimer),
    },
  });
  return client;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** What graphql-ws throws (a close event, an error event or GraphQL errors) as one of the SDK's errors. */
export function toSocketError(thrown: unknown): Error {
  if (Array.isArray(thrown)) return toRequestError(thrown);
  if (thrown instanceof RequestError || thrown instanceof ConnectionError) return thrown;
  if (isRecord(thrown) && typeof thrown["code"] === "number") {
    const reason = typeof thrown["reason"] === "string" ? thrown["reason"] : "";
    if (UNAUTHENTICATED_CLOSE_CODES.has(thrown["code"]))
      return new RequestError("UNAUTHENTICATED", reason || "The token was refused.");
    return new ConnectionError(`The socket was closed (${thrown["code"]}${reason === "" ? "" : ` ${reason}`}).`);
  }
  return new ConnectionError("The socket failed.", { cause: thrown });
}
