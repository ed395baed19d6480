import { once } from "node:events";
import { WebSocket } from "ws";

/** A message of graphql-transport-ws. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A socket that says exactly what the test says. */
export interface TestSocket {
  readonly ws: WebSocket;
  send(message: object | string): void;
  /** The next message that is not a ping; waits for it. Rejects when the socket closes first. */
  next(): Promise<Message>;
  readonly closed: Promise<Closed>;
  terminate(): void;
}

/** Opens a socket; with `params` also says connection_init and waits for the answer. */
export async function openSocket(
  url: string,
  params?: Readonly<Record<string, unknown>>,
  protocol = "graphql-transport-ws",
): Promise<TestSocket> {
  const ws = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, protocol);
  const arrived: Message[] = [];
  const waiting: { resolve: (message: Message) => void; reject: (error: Error) => void }[] = [];
  ws.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString("utf8")) as Message; // the server's own words
    const reader = waiting.shift();
    if (reader) reader.resolve(message);
    else arrived.push(message);
  });
  ws.on("error", () => undefined);
  const closed = new Promise<Closed>((resolve) => {
    ws.once("close", (code, reason) => {
      for (const { reject } of waiting.splice(0)) reject(new Error(`closed with ${code} ${String(reason)}`));
      resolve({ code, reason: String(reason) });
    });
  });
  await once(ws, "open");
  const socket: TestSocket = {
    ws,
    send: (message) => ws.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: () => {
      const message = arrived.shift();
      if (message) return Promise.resolve(message);
      if (ws.readyState !== ws.OPEN) return Promise.reject(new Error("the socket is closed"));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    closed,
    terminate: () => ws.terminate(),
  };
  if (params) {
    socket.send({ type: "connection_init", payload: params });
    const answer = await socket.next();
    if (answer.type !== "connection_ack") throw new Error(`expected connection_ack, found ${answer.type}`);
  }
  return socket;
}

/** Starts an operation. */
export function subscribe(socket: TestSocket, id: string, query: string, variables: object = {}): void {
  socket.send({ type: "subscribe", id, payload: { query, variables } });
}

/** The payload's data of the next message, which must be a result without errors. */
export async function nextData<Data>(socket: TestSocket): Promise<Data> {
  const { type, payload } = await socket.next();
  const { data, errors } = (payload ?? {}) as { data?: Data; errors?: unknown }; // GraphQL's response format
  if (type !== "next" || errors !== undefined || data === undefined) throw new Error(JSON.stringify({ type, payload }));
  return data;
}
