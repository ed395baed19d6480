import type { IncomingMessage, Server } from "node:http";
import { CloseCode, handleProtocols, makeServer } from "graphql-ws";
import { getOperationAST, GraphQLError, OperationTypeNode, type GraphQLSchema } from "graphql";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { accessTopic, type App, type Principal } from "../core/app/index.ts";
import { listen } from "./bell.ts";
import { boundedSend } from "./bounded-send.ts";
import type { Complexity } from "./complexity.ts";
import type { ApiContext } from "./context.ts";
import type { ApiLimits } from "./limits.ts";
import type { ErrorMask } from "./mask-error.ts";
import { createOngoing, type Ongoing } from "./ongoing.ts";
import { operationContext } from "./operation-context.ts";
import { prepareOperation } from "./socket-operations.ts";
import { openSession, type SocketSession } from "./socket-session.ts";

export interface SocketServerOptions {
  readonly app: App;
  readonly schema: GraphQLSchema;
  readonly complexity: Complexity;
  readonly limits: ApiLimits;
  readonly mask: ErrorMask;
  readonly httpServer: Server;
}

/** One open socket. */
interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  session: SocketSession | null;
  readonly timers: NodeJS.Timeout[];
  /** Aborted when the socket has closed. */
  readonly closed: AbortController;
}

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
/** The answer to an operation on a socket that is being closed: it reaches nobody. */
const CLOSING = [new GraphQLError("the connection is closing")];
const PATIENCE_MS = 2_000;

/** GraphQL over WebSocket (graphql-transport-ws) at /graphql of that server. */
export function attachSockets(options: SocketServerOptions): { stop(): Promise<void> } {
  const { httpServer, limits, app, mask } = options;
  const ongoing = createOngoing(mask);
  const protocol = createProtocol(options, ongoing);
  const server = new WebSocketServer({
    server: httpServer,
    path: "/graphql",
    handleProtocols: (protocols) => handleProtocols(protocols),
    maxPayload: limits.maxFrameBytes,
    // It costs memory per socket and helps little with small messages.
    perMessageDeflate: false,
  });
  // It repeats those of the HTTP server, whose owner hears of them there.
  server.on("error", () => undefined);
  server.on("connection", (socket, request) => {
    const connection: Connection = { socket, request, session: null, timers: [], closed: new AbortController() };
    // ws itself closes after a broken or oversized frame, with the code for it.
    socket.on("error", (error) => app.log.debug("a socket failed", { reason: error.message }));
    const stopPings = keepAlive(socket, limits.keepAliveMs);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => boundedSend(socket, text, limits.maxBufferedBytes),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on("message", (data) => ongoing.add(handleMessage(mask, socket, handle, textOf(data))));
        },
      },
      connection,
    );
    socket.once("close", (code, reason) => {
      stopPings();
      connection.timers.forEach(clearInterval);
      connection.closed.abort();
      ongoing.add(Promise.resolve(closed(code, String(reason))));
    });
  });
  return {
    async stop() {
      await stopSockets(server);
      // Reads that sockets have left behind: the database may be closed after this.
      await ongoing.idle();
    },
  };
}

function createProtocol({ app, schema, complexity, limits, mask }: SocketServerOptions, ongoing: Ongoing) {
  return makeServer<Readonly<Record<string, unknown>>, Connection>({
    connectionInitWaitTimeout: limits.connectionInitMs,
    async onConnect({ extra: connection, connectionParams }) {
      const { socket, request } = connection;
      const refuse = (reason: string) => socket.close(CloseCode.Forbidden, closeReason(reason));
      const session = openSession(app, request, connectionParams ?? {}, refuse);
      const principal = await session.principal();
      if (principal === null || socket.readyState !== socket.OPEN) return false;
      connection.session = session;
      ongoing.add(lookAgain(app, principal, connection.closed.signal, () => ongoing.add(session.principal())));
      connection.timers.push(
        setInterval(() => session.checkExpiry(), limits.tokenCheckMs).unref(),
        setInterval(() => ongoing.add(session.principal()), limits.principalCheckMs).unref(),
      );
      return true;
    },
    async onSubscribe({ extra: { socket, session, request }, subscriptions }, _id, payload) {
      if (Object.keys(subscriptions).length > limits.maxOperationsPerSocket) {
        socket.close(POLICY_VIOLATION, `at most ${limits.maxOperationsPerSocket} operations at once`);
        return CLOSING;
      }
      const principal = session && (await session.principal());
      if (!session || !principal) return CLOSING;
      const prepared = prepareOperation(schema, complexity, limits, payload);
      if (!("document" in prepared)) return prepared;
      const operation = getOperationAST(prepared.document, prepared.operationName);
      const contextValue: ApiContext = operationContext(app, principal, {
        request,
        renewToken: (token) => session.renewToken(token),
        cache: operation?.operation !== OperationTypeNode.SUBSCRIPTION,
      });
      return { ...prepared, contextValue };
    },
    onNext: (_context, _id, _payload, _args, { data, errors }) =>
      errors && { ...(data === undefined ? {} : { data }), errors: errors.map(mask) },
    onError: (_context, _id, _payload, errors) => errors.map(mask),
  });
}

/** A key that is revoked and a miner that is suspended end their sockets at once, while the operator looks on. */
async function lookAgain(app: App, principal: Principal, signal: AbortSignal, look: () => void): Promise<void> {
  if (principal.kind === "ANONYMOUS") return;
  const holder = principal.kind === "MINER" ? principal.minerId : principal.accountId;
  const bell = listen(app.broadcast, accessTopic(holder), signal);
  while (await bell.wait()) look();
}

/** A throw in here is a bug: it is masked, and the client may try again. */
async function handleMessage(
  mask: ErrorMask,
  socket: WebSocket,
  handle: (text: string) => Promise<void>,
  text: string,
): Promise<void> {
  try {
    await handle(text);
  } catch (error) {
    if (socket.readyState !== socket.OPEN) return;
    socket.close(CloseCode.InternalServerError, closeReason(mask(error).message));
  }
}

/** A close frame holds 123 bytes. */
const closeReason = (text: string): string => text.replaceAll(/[^ -~]/g, "?").slice(0, 123);

/** ws hands a message over as one Buffer, unless it was told otherwise. */
const textOf = (data: RawData): string => (data instanceof Buffer ? data.toString("utf8") : "");

function keepAlive(socket: WebSocket, everyMs: number): () => void {
  let answered = true;
  socket.on("pong", () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

async function stopSockets(server: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sockets = [...server.clients];
  for (const socket of sockets) socket.close(GOING_AWAY, "the server stops: come back with your cursor");
  const impatience = setTimeout(() => sockets.forEach((socket) => socket.terminate()), PATIENCE_MS);
  await closed;
  clearTimeout(impatience);
}
