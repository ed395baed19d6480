import { buildSchema, GraphQLError } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { WebSocketServer, type WebSocket } from "ws";

/** A server that tells a miner `total` notices, replayable by cursor, over the real schema. */
export interface EventServer extends AsyncDisposable {
  readonly url: string;
  /** What each connection said who it is. */
  readonly tokens: unknown[];
  /** Breaks every open connection. */
  dropConnections(): void;
  /** Refuses every token but this one from now on. */
  requireToken(token: string): void;
  /** Answers the next subscriptions with an internal error. */
  failNext(subscriptions: number): void;
}

/** Starts one. The server repeats the event at the cursor after a reconnect, as at-least-once delivery may. */
export async function startEventServer(total: number, dropAfter: (sent: number) => boolean): Promise<EventServer> {
  const schema = buildSchema(await readFile(new URL("../../schema.graphql", import.meta.url), "utf8"));
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  const tokens: unknown[] = [];
  let required: string | null = null;
  let failing = 0;
  let sent = 0;
  const ended = Promise.withResolvers<void>();
  const drop = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };

  async function* minerEvents({ after }: { readonly after: string | null }) {
    if (failing-- > 0) throw new GraphQLError("our database is away", { extensions: { code: "INTERNAL" } });
    for (let number = after === null ? 1 : Number(after); number <= total; number += 1) {
      sent += 1;
      await setImmediate();
      if (dropAfter(sent)) drop();
      yield {
        minerEvents: {
          __typename: "Notice",
          id: `event-${number}`,
          cursor: String(number),
          at: new Date(0).toISOString(),
          code: "TEST",
          message: String(number),
        },
      };
    }
    await ended.promise;
  }

  const disposable = useServer(
    {
      schema,
      roots: { subscription: { minerEvents } },
      onConnect: ({ connectionParams }) => {
        tokens.push(connectionParams?.["authorization"]);
        return required === null || connectionParams?.["authorization"] === `Bearer ${required}`;
      },
    },
    sockets,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    dropConnections: drop,
    requireToken: (token) => {
      required = token;
    },
    failNext: (subscriptions) => {
      failing = subscriptions;
    },
    [Symbol.asyncDispose]: async () => {
      ended.resolve();
      sockets.clients.forEach((socket: WebSocket) => socket.terminate());
      await disposable.dispose();
      server.close();
    },
  };
}
